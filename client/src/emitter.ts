/** Names of events with the arguments that their listeners get. */
export type Events = Record<string, unknown[]>;

/** A typed event emitter. A listener that throws is reported and keeps nobody else from being called. */
export interface Emitter<E extends { [K in keyof E]: unknown[] }> {
  /** Adds a listener; returns the function that removes it. */
  on<K extends keyof E>(name: K, listener: (...args: E[K]) => void): () => void;
  emit<K extends keyof E>(name: K, ...args: E[K]): void;
  /** Removes all listeners. */
  clear(): void;
}

/** Reports an error as uncaught without stopping what runs now. */
export function reportLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** Makes an {@link Emitter}. */
export function createEmitter<E extends { [K in keyof E]: unknown[] }>(): Emitter<E> {
  const listeners = new Map<keyof E, Set<(...args: never[]) => void>>();
  return {
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set);
      // A wrapper, so that the same function added twice is called twice and removed once each.
      const entry = (...args: never[]) => listener(...(args as unknown as E[typeof name]));
      set.add(entry);
      return () => void set.delete(entry);
    },
    emit(name, ...args) {
      for (const listener of [...(listeners.get(name) ?? [])]) {
        try {
          listener(...(args as unknown as never[]));
        } catch (error) {
          reportLater(error);
        }
      }
    },
    clear() {
      listeners.clear();
    },
  };
}
