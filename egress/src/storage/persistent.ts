export type PersistentOptions = {
  /** Answers after how many milliseconds it is done again; undefined for not until it is asked for. */
  work(): Promise<number | undefined>;
  /** It failed, or (undefined) succeeded after it had failed. */
  onProblem(problem: unknown): void;
  /** Before the second attempt, and at most, in milliseconds. */
  firstRetryMs: number;
  longestRetryMs: number;
};

/** Does something, and when it fails again after longer and longer times, until it succeeds. Never twice at once. */
export class Persistent {
  /** Why it failed the last time. */
  problem: unknown;
  readonly #options: PersistentOptions;
  #failures = 0;
  #running: Promise<void> | undefined;
  #isAskedAgain = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: PersistentOptions) {
    this.#options = options;
  }

  /** Asks for it to be done now, or once more after what is being done. */
  poke(): void {
    if (this.#closed) return;
    if (this.#running) {
      this.#isAskedAgain = true;
      return;
    }
    // What fails is not hurried by whoever asks.
    if (this.#failures > 0 && this.#timer) return;
    this.#begin();
  }

  /** Resolves when nothing is being done any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isAskedAgain = false;
    this.#running = this.#once().then((waitMs) => {
      this.#running = undefined;
      if (this.#closed) return;
      if (this.#isAskedAgain && this.#failures === 0) this.#begin();
      else if (waitMs !== undefined) this.#timer = setTimeout(() => this.#begin(), waitMs).unref();
    });
  }

  async #once(): Promise<number | undefined> {
    const { work, onProblem, firstRetryMs, longestRetryMs } = this.#options;
    try {
      const waitMs = await work();
      const hadFailed = this.#failures > 0;
      this.#failures = 0;
      this.problem = undefined;
      if (hadFailed) onProblem(undefined);
      return waitMs;
    } catch (error) {
      if (this.#closed) return undefined;
      this.problem = error;
      const waitMs = Math.min(firstRetryMs * 2 ** this.#failures, longestRetryMs);
      this.#failures += 1;
      onProblem(error);
      // Not all that wait for one storage come at once.
      return waitMs * (0.8 + Math.random() * 0.4);
    }
  }
}
