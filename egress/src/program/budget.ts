/** How much of this machine all transcodes together may use, in cores. Whoever is refused goes on without. */
export class TranscodeBudget {
  readonly #cores: number;
  #used = 0;

  constructor(cores: number) {
    this.#cores = cores;
  }

  get free(): number {
    return this.#cores - this.#used;
  }

  /** Takes so many cores, where they are free; answers how to give them back (repeating that changes nothing). */
  take(cores: number): (() => void) | undefined {
    // Sums of fractions are off by a hair.
    if (cores > this.free + 1e-9) return undefined;
    this.#used += cores;
    let isHeld = true;
    return () => {
      if (isHeld) this.#used -= cores;
      isHeld = false;
    };
  }
}
