import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '@amphi/rooms';

const GOOD_FOR_MS = 60_000;

/** Cookies of a listener: who returns one is at the address that it was sent to. Nothing is kept of whom they were sent to. */
export class Cookies {
  readonly #secret = randomBytes(32);
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param peer address and port */
  make(peer: string): number {
    return this.#of(peer, this.#period());
  }

  /** Whether it was made for this one in the last one to two minutes. */
  isGood(peer: string, cookie: number): boolean {
    const period = this.#period();
    return cookie === this.#of(peer, period) || cookie === this.#of(peer, period - 1);
  }

  #period(): number {
    return Math.floor(this.#clock.now() / GOOD_FOR_MS);
  }

  #of(peer: string, period: number): number {
    return createHmac('sha256', this.#secret).update(`${period} ${peer}`).digest().readUInt32BE(0);
  }
}
