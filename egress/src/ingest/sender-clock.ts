/** Over how long the quickest arrival counts, in milliseconds; of the time before, half is forgotten at once. */
const WINDOW_MS = 10_000;
/** How fast what was said is put right, per second: what nobody notices. */
const SLEW = 0.002;
/** What comes at first may have been held back until all of it came at once: for so long what is quicker counts at once. */
const SETTLE_MS = 3000;
/** A difference that is no drift: the sender began anew. */
const STEP_MS = 1000;

/**
 * Says what a sender captures now, by its own clock: from when what it stamped arrived. What came quickest is taken for what
 * was not held up, for TCP holds up and then delivers at once. All times in milliseconds.
 */
export class SenderClock {
  #before = Infinity;
  #least = Infinity;
  #since = -Infinity;
  #offset: number | undefined;
  #saidAt = 0;
  #begunAt = 0;

  /** Something with this stamp arrived at `now`. */
  arrived(stamp: number, now: number): void {
    if (now - this.#since > WINDOW_MS) {
      this.#before = this.#least;
      this.#least = Infinity;
      this.#since = now;
    }
    this.#least = Math.min(this.#least, now - stamp);
    const best = this.#best();
    if (this.#offset === undefined || Math.abs(now - stamp - this.#offset) > STEP_MS * 10)
      this.#restart(now - stamp, now);
    else if (best < this.#offset - (now - this.#begunAt < SETTLE_MS ? 0 : STEP_MS)) this.#offset = best;
  }

  /** The stamp of what is captured at `now`; undefined before anything arrived. */
  stampOf(now: number): number | undefined {
    if (this.#offset === undefined) return undefined;
    const most = SLEW * Math.max(0, now - this.#saidAt);
    this.#offset += Math.max(-most, Math.min(most, this.#best() - this.#offset));
    this.#saidAt = now;
    return now - this.#offset;
  }

  #best(): number {
    return Math.min(this.#least, this.#before);
  }

  #restart(offset: number, now: number): void {
    this.#begunAt = now;
    [this.#offset, this.#least, this.#before, this.#since, this.#saidAt] = [offset, offset, Infinity, now, now];
  }
}
