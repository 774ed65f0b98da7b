/** What is captured before the program begins, and still on its way, must not get a time before 0. */
const LEAD_MS = 1000;
/** How fast times are led to where a report says that they belong: so many milliseconds a second. */
const SLEW_MS_PER_S = 20;
/** From here on times jump instead. */
const JUMP_MS = 400;

/** The one clock of a program: microseconds from a moment before its begin. */
export class ProgramClock {
  readonly #start: number;

  /** `now`: milliseconds since the epoch, as all walls that come here. */
  constructor(now: number) {
    this.#start = now - LEAD_MS;
  }

  timeOf(wall: number): number {
    return Math.max(0, Math.round((wall - this.#start) * 1000));
  }

  wallOf(timeUs: number): number {
    return this.#start + timeUs / 1000;
  }
}

/**
 * Times of the pictures of one RTP stream: they follow the RTP clock, which is even, and are led slowly to the wall clock of
 * the reports, which is right. They grow.
 */
export class PictureTimes {
  readonly #clock: ProgramClock;
  readonly #clockRate: number;
  #shift: number | undefined;
  #lastRtp = 0;
  #lastUs: number;

  /** `after`: what the last time of whatever was before this stream was. */
  constructor(clock: ProgramClock, clockRate: number, after = -1) {
    this.#clock = clock;
    this.#clockRate = clockRate;
    this.#lastUs = after;
  }

  get last(): number {
    return this.#lastUs;
  }

  /** What was said before was wrong by so many milliseconds: so are the times that were answered. */
  correct(byMs: number): void {
    if (this.#shift !== undefined) this.#shift += byMs;
    this.#lastUs += Math.round(byMs * 1000);
  }

  /** `rtp`: unwrapped ticks; `wall`: as far as is known, in milliseconds since the epoch. Answers microseconds. */
  next(rtp: number, wall: number): number {
    const media = (rtp * 1000) / this.#clockRate;
    const wanted = wall - media;
    const passed = Math.max(0, ((rtp - this.#lastRtp) * 1000) / this.#clockRate);
    this.#lastRtp = rtp;
    if (this.#shift === undefined || Math.abs(wanted - this.#shift) > JUMP_MS) this.#shift = wanted;
    else {
      const most = (passed * SLEW_MS_PER_S) / 1000;
      this.#shift += Math.min(most, Math.max(-most, wanted - this.#shift));
    }
    this.#lastUs = Math.max(this.#lastUs + 1, this.#clock.timeOf(media + this.#shift));
    return this.#lastUs;
  }
}
