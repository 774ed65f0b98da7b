import type { Rate } from '@amphi/protocol';

/** The part of an Engine.IO socket that is watched. */
export type Wire = {
  on(event: 'packet', listener: (packet: { data?: unknown }) => void): unknown;
  close(discard?: boolean): unknown;
};

export type FloodGuardOptions = {
  /** What one connection may send, in messages. */
  perConnection: Rate;
  /** What all connections of one network address may send together. */
  perAddress: Rate;
};

/** A message costs one more for each of these. */
const BYTES_PER_POINT = 2048;
/** Addresses that are silent so long are forgotten. */
const FORGET_AFTER_MS = 60_000;

/**
 * Counts what comes in on each connection, whatever it is: requests, what nobody asked for, heartbeats. The limits of
 * methods refuse calls one by one; this ends those who send faster than any client would.
 */
export class FloodGuard {
  readonly #options: FloodGuardOptions;
  readonly #addresses = new Map<string, Meter>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: FloodGuardOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#forget(), FORGET_AFTER_MS).unref();
  }

  /** Calls `onFlood` once, when the connection or its address sends too much. */
  watch(wire: Wire, address: string, onFlood: () => void): void {
    const own = new Meter(this.#options.perConnection);
    let flooded = false;
    wire.on('packet', ({ data }) => {
      if (flooded) return;
      const now = performance.now();
      const points = 1 + Math.floor(sizeOf(data) / BYTES_PER_POINT);
      const withinOwn = own.take(points, now);
      // What one connection sends beyond its own limit is not held against the others behind the same address.
      if (withinOwn && this.#meter(address).take(points, now)) return;
      flooded = true;
      onFlood();
    });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #meter(address: string): Meter {
    const known = this.#addresses.get(address);
    if (known) return known;
    const made = new Meter(this.#options.perAddress);
    this.#addresses.set(address, made);
    return made;
  }

  #forget(): void {
    const before = performance.now() - FORGET_AFTER_MS;
    for (const [address, meter] of this.#addresses) if (meter.usedAt < before) this.#addresses.delete(address);
  }
}

/** A token bucket of which more than one is taken at once. */
class Meter {
  readonly #rate: Rate;
  #points: number;
  usedAt = performance.now();

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#points = rate.burst;
  }

  take(points: number, now: number): boolean {
    this.#points = Math.min(this.#rate.burst, this.#points + ((now - this.usedAt) / 1000) * this.#rate.perSecond);
    this.usedAt = now;
    this.#points -= points;
    return this.#points >= 0;
  }
}

function sizeOf(data: unknown): number {
  return typeof data === 'string' || Buffer.isBuffer(data) ? data.length : 0;
}
