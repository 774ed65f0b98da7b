/** How long nobody may want a layer before the publisher is told to stop sending it. */
export const LOWER_AFTER_MS = 2000;

/** What one consumer of a producer asks for. */
export type Want = {
  /** Not looked at: nothing is wanted. */
  paused: boolean;
  /** The highest spatial layer wanted; the top one when undefined. */
  spatialLayer: number | undefined;
};

/** The highest spatial layer that any of the consumers wants of a producer with `layers` layers; -1 for none. */
export function maxWanted(wants: Iterable<Want>, layers: number): number {
  const top = layers - 1;
  let max = -1;
  for (const want of wants) {
    if (want.paused) continue;
    max = Math.max(max, Math.min(want.spatialLayer ?? top, top));
  }
  return max;
}

export type Timers = {
  set(callback: () => void, ms: number): unknown;
  clear(timer: unknown): void;
};

const systemTimers: Timers = {
  set: (callback, ms) => setTimeout(callback, ms).unref(),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/**
 * Tells a publisher which layers are wanted: more at once, since somebody waits for the picture; less only after
 * {@link LOWER_AFTER_MS}, since people page back and forth. A publisher starts with all of its layers wanted.
 */
export class Demand {
  /** From consumer id to what it wants. Call {@link changed} after changing it. */
  readonly wants = new Map<string, Want>();
  readonly #layers: number;
  readonly #tell: (maxSpatialLayer: number) => void;
  readonly #timers: Timers;
  #told: number;
  #timer: unknown;
  #closed = false;

  constructor(layers: number, tell: (maxSpatialLayer: number) => void, timers: Timers = systemTimers) {
    this.#layers = layers;
    this.#tell = tell;
    this.#timers = timers;
    this.#told = layers - 1;
  }

  changed(): void {
    if (this.#closed) return;
    const wanted = maxWanted(this.wants.values(), this.#layers);
    if (wanted >= this.#told) {
      this.#cancel();
      if (wanted > this.#told) this.#send(wanted);
      return;
    }
    this.#timer ??= this.#timers.set(() => {
      this.#timer = undefined;
      this.#send(maxWanted(this.wants.values(), this.#layers));
    }, LOWER_AFTER_MS);
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #send(wanted: number): void {
    this.#told = wanted;
    this.#tell(wanted);
  }

  #cancel(): void {
    if (this.#timer === undefined) return;
    this.#timers.clear(this.#timer);
    this.#timer = undefined;
  }
}
