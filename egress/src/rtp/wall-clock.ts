import { Unwrapper } from './unwrap.ts';

/** A moment in both clocks: RTP ticks (unwrapped), and milliseconds since the epoch. */
export type ClockPoint = { rtp: number; wall: number };

/**
 * Says when something with an RTP timestamp was captured, by this machine's clock: by the latest sender report, and before
 * the first one by when the first packet arrived.
 */
export class WallClock {
  readonly #clockRate: number;
  readonly #timestamps = new Unwrapper(32);
  #reference: ClockPoint | undefined;
  #isReported = false;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** Whether a sender report has come. */
  get isReported(): boolean {
    return this.#isReported;
  }

  /** The unwrapped timestamp of a packet that arrived at `now`, in milliseconds since the epoch. */
  packet(timestamp: number, now: number): number {
    const rtp = this.#timestamps.unwrap(timestamp);
    this.#reference ??= { rtp, wall: now };
    return rtp;
  }

  /** Takes a sender report; answers it with its timestamp unwrapped, or undefined before the first packet. */
  report(report: { rtpTimestamp: number; capturedAt: number }): ClockPoint | undefined {
    if (this.#reference === undefined) return undefined;
    this.#isReported = true;
    this.#reference = { rtp: this.#timestamps.peek(report.rtpTimestamp), wall: report.capturedAt };
    return this.#reference;
  }

  /** Milliseconds since the epoch, of an unwrapped timestamp. */
  wallOf(rtp: number): number {
    const { rtp: known, wall } = this.#reference ?? { rtp, wall: 0 };
    return wall + ((rtp - known) * 1000) / this.#clockRate;
  }
}
