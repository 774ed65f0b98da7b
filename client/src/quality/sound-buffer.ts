import { ofType, type Report, selectedPair, type Stat } from '../stats/report.ts';

/** The share of the sound that was made up, from which it is worth to hear it later. */
const PATCHY = 0.01;
/** How much of what was counted before still counts at the next look: with two looks a second, some five seconds do. */
const FADE = 0.9;
/** Less than this, in samples of 48 kHz, is too little to say anything about: two seconds. */
const ENOUGH = 96_000;
/** In milliseconds. A lost packet is noticed by the next ones, asked for, and may be lost again. */
const LEAST_HOLD = 180;
const ROUND_TRIPS = 2;
const MOST_HOLD = 400;
/** A network that lost nothing for so many milliseconds is a good one again. */
const CALM_MS = 15_000;

type Counted = { nacks: number; madeUp: number; samples: number };

/**
 * Finds out how long sound has to wait before it is played. Browsers play it as early as the jitter allows, which on a network
 * that loses packets is before these can be sent again (RFC 4585): they are asked for, come, and are too late.
 */
export class SoundBuffer {
  readonly #last = new Map<string, Counted>();
  #madeUp = 0;
  #samples = 0;
  #lossAt = -Infinity;
  #hold: number | null = null;

  /**
   * Takes a report of the receiving connection, `now` in milliseconds. Answers for how many milliseconds sound is to be held;
   * null leaves it to the browser.
   */
  add(report: Report, now: number): number | null {
    const grown = this.#count(report);
    this.#madeUp = this.#madeUp * FADE + grown.madeUp;
    this.#samples = this.#samples * FADE + grown.samples;
    if (grown.nacks > 0) this.#lossAt = now;
    const isLossy = now - this.#lossAt < CALM_MS;
    const isPatchy = this.#samples >= ENOUGH && this.#madeUp > this.#samples * PATCHY;
    if (!isLossy) this.#hold = null;
    else if (isPatchy) this.#hold = Math.max(this.#hold ?? 0, holdFor(report));
    return this.#hold;
  }

  /** Forgets all, where sound comes another way. */
  clear(): void {
    this.#last.clear();
    this.#madeUp = 0;
    this.#samples = 0;
    this.#lossAt = -Infinity;
    this.#hold = null;
  }

  #count(report: Report): Counted {
    const grown: Counted = { nacks: 0, madeUp: 0, samples: 0 };
    for (const stat of ofType(report, 'inbound-rtp')) {
      if (stat.kind !== 'audio') continue;
      const now = countedOf(stat);
      const before = this.#last.get(stat.id) ?? now;
      this.#last.set(stat.id, now);
      grown.nacks += Math.max(0, now.nacks - before.nacks);
      grown.madeUp += Math.max(0, now.madeUp - before.madeUp);
      grown.samples += Math.max(0, now.samples - before.samples);
    }
    return grown;
  }
}

function countedOf({ nackCount = 0, concealedSamples = 0, totalSamplesReceived = 0 }: Stat): Counted {
  return { nacks: nackCount, madeUp: concealedSamples, samples: totalSamplesReceived };
}

function holdFor(report: Report): number {
  const roundTripMs = (selectedPair(report)?.pair.currentRoundTripTime ?? 0) * 1000;
  return Math.min(MOST_HOLD, Math.round(LEAST_HOLD + roundTripMs * ROUND_TRIPS));
}
