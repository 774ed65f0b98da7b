type Waiter = { isReady(): boolean; settle(isReady: boolean): void };

/** Those who wait until something is there, for a time. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves with true as soon as `isReady` answers so, which is asked now and at each {@link check}; with false after
   * `withinMs`, or when the signal aborts.
   */
  wait(isReady: () => boolean, withinMs: number, signal?: AbortSignal): Promise<boolean> {
    if (isReady()) return Promise.resolve(true);
    if (signal?.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (ready: boolean) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abandon);
        this.#waiting.delete(waiter);
        resolve(ready);
      };
      const abandon = () => settle(false);
      const timer = setTimeout(abandon, withinMs).unref();
      const waiter = { isReady, settle };
      signal?.addEventListener('abort', abandon, { once: true });
      this.#waiting.add(waiter);
    });
  }

  /** Something came. */
  check(): void {
    for (const waiter of [...this.#waiting]) if (waiter.isReady()) waiter.settle(true);
  }
}
