import { ofType, type Report, type Stat } from '../stats/report.ts';

/** The share of a sound that was made up by the decoder, in one look, from which words are lost. */
const BROKEN = 0.15;
/** Less than this, in samples of 48 kHz, is too little to say anything about: 200 ms. */
const ENOUGH = 9600;

/** In bits per second: when less arrives there is no connection at all, which nothing that is sent less of would mend. */
const NO_LINK = 20_000;

type Counted = { at: number; bytes: number; sounds: ReadonlyMap<string, Sound> };
type Sound = { madeUp: number; samples: number };

/** Looks whether sound arrives in pieces, and how much arrives in all. */
export class SoundWatch {
  #last: Counted | undefined;
  /** Bits per second between the last two reports. */
  #rate: number | undefined;

  /**
   * Takes a report of the receiving connection. Answers the bits per second that arrive, when some sound was broken since
   * the report before; else undefined.
   */
  add(report: Report): number | undefined {
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
    const broken = [...now.sounds].some(([id, sound]) => isBroken(last.sounds.get(id), sound));
    // What arrived before counts in part: packets come in bursts, and reports are not made at even times.
    return broken ? Math.round(Math.max(mean / 2, Math.min(mean, rate))) : undefined;
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

function soundOf({ concealedSamples = 0, totalSamplesReceived = 0 }: Stat): Sound {
  return { madeUp: concealedSamples, samples: totalSamplesReceived };
}

/** With headers, which are a third of a voice. */
function bytesOf({ bytesReceived = 0, headerBytesReceived = 0 }: Stat): number {
  return bytesReceived + headerBytesReceived;
}
