/**
 * Turns counters that wrap around (RTP's sequence numbers of 16 bits, timestamps of 32) into ones that do not: each value
 * is taken to be less than half the range away from the one before.
 */
export class Unwrapper {
  readonly #range: number;
  #last: number | undefined;

  constructor(bits: 16 | 32) {
    this.#range = 2 ** bits;
  }

  /** The first value is answered as it is. */
  unwrap(value: number): number {
    const unwrapped = this.#last === undefined ? value : this.peek(value);
    this.#last = unwrapped;
    return unwrapped;
  }

  /** What {@link unwrap} would answer, without taking it for the newest. */
  peek(value: number): number {
    const last = this.#last ?? value;
    const half = this.#range / 2;
    const difference = (((value - last) % this.#range) + this.#range) % this.#range;
    return last + (difference < half ? difference : difference - this.#range);
  }
}
