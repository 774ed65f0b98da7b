import type { SoundReport } from '@amphi/protocol';
import { ofType, type Report, type Stat } from '../stats/report.ts';

/** The share of a sound that was made up by the decoder, in one look, from which words are lost. */
const BROKEN = 0.15;
/** Less than this, in samples of 48 kHz, is too little to say anything about: 200 ms. */
const ENOUGH = 9600;

/** In bits per second: when less arrives there is no connection at all, which nothing that is sent less of would mend. */
const NO_LINK = 20_000;

type Counted = { at: number; bytes: number; sounds: ReadonlyMap<string, Sound> };
type Sound = { madeUp: number; samples: number; packets: number; lost: number };

/** Looks whether sound arrives in pieces, and how much arrives in all. */
export class SoundWatch {
  #last: Counted | undefined;
  /** Bits per second between the last two reports. */
  #rate: number | undefined;

  /**
   * Takes a report of the receiving connection. Answers what arrives, when some sound was broken since the report before; else
   * undefined.
   */
  add(report: Report): SoundReport | undefined {
    const inbound = ofType(report, 'inbound-rtp');
    const now: Counted = {
      at: Math.max(0, ...inbound.map(({ timestamp }) => timestamp)),
      bytes: inbound.reduce((sum, stat) => sum + bytesOf(stat), 0),
      sounds: new Map(inbound.filter(({ kind }) => kind === 'audio').map((stat) => [stat.id, soundOf(stat)])),
    };
    const last = this.#last;
    this.#last = now;
    if (!last || now.at <= last.at) return undefined;
    const rate = Math.max(0, ((now.bytes - last.bytes) * 8000) / (now.at - last.at));
    if (rate < NO_LINK) {
      // Nor does the next look say anything: it has the end of this in it.
      this.clear();
      return undefined;
    }
    const mean = (rate + (this.#rate ?? rate)) / 2;
    this.#rate = rate;
    if (![...now.sounds].some(([id, sound]) => isBroken(last.sounds.get(id), sound))) return undefined;
    // What arrived before counts in part: packets come in bursts, and reports are not made at even times.
    const receivedBps = Math.round(Math.max(mean / 2, Math.min(mean, rate)));
    return { receivedBps, lost: lossOf(last.sounds, now.sounds) };
  }

  /** Forgets what was counted, after a while in which nobody looked. */
  clear(): void {
    this.#last = undefined;
    this.#rate = undefined;
  }
}

function isBroken(before: Sound | undefined, now: Sound): boolean {
  if (!before) return false;
  const samples = now.samples - before.samples;
  return samples >= ENOUGH && now.madeUp - before.madeUp >= samples * BROKEN;
}

/** Of all sounds together. What was lost and came after all is no longer counted as lost: it can be less than before. */
function lossOf(before: ReadonlyMap<string, Sound>, now: ReadonlyMap<string, Sound>): number {
  let packets = 0;
  let lost = 0;
  for (const [id, sound] of now) {
    packets += sound.packets - (before.get(id)?.packets ?? 0);
    lost += Math.max(0, sound.lost - (before.get(id)?.lost ?? 0));
  }
  return lost === 0 ? 0 : lost / (Math.max(0, packets) + lost);
}

function soundOf(stat: Stat): Sound {
  const { concealedSamples = 0, totalSamplesReceived = 0, packetsReceived = 0, packetsLost = 0 } = stat;
  return { madeUp: concealedSamples, samples: totalSamplesReceived, packets: packetsReceived, lost: packetsLost };
}

/** With headers, which are a third of a voice. */
function bytesOf({ bytesReceived = 0, headerBytesReceived = 0 }: Stat): number {
  return bytesReceived + headerBytesReceived;
}
