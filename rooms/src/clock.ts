/** Time, handed in so that tests need not wait for it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs once after that many milliseconds; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** The machine's clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Read once: it is a getter that costs more than the clock. */
const ORIGIN = performance.timeOrigin;

/**
 * Milliseconds since the epoch by a clock that nobody sets: differences are true, whatever becomes of the system's clock
 * in between.
 */
export function steadyNow(): number {
  return ORIGIN + performance.now();
}
