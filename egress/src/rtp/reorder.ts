import type { RtpPacket } from './packet.ts';
import { Unwrapper } from './unwrap.ts';

export type ReorderOptions = {
  /** For how long a missing packet is waited for, in milliseconds. Repairs by NACK take a round trip or a few. */
  waitMs?: number;
  /** How many packets are held back at most. */
  maxHeld?: number;
};

/** What comes out: the packets in order, how many are missing before one, and when it arrived. */
export type Ordered = { packet: RtpPacket; missing: number; at: number };

/** Puts the packets of one SSRC in order. What comes later than it was waited for, or twice, is left out. */
export class ReorderBuffer {
  readonly #waitMs: number;
  readonly #maxHeld: number;
  readonly #sequences = new Unwrapper(16);
  readonly #held = new Map<number, { packet: RtpPacket; at: number }>();
  /** The sequence number (unwrapped) that comes next. */
  #next: number | undefined;

  constructor({ waitMs = 500, maxHeld = 2000 }: ReorderOptions = {}) {
    this.#waitMs = waitMs;
    this.#maxHeld = maxHeld;
  }

  /** Takes a packet that arrived at `now` (milliseconds of any clock), answers those that are in order by now. */
  push(packet: RtpPacket, now: number): Ordered[] {
    const sequence = this.#sequences.unwrap(packet.sequence);
    this.#next ??= sequence;
    if (sequence < this.#next || this.#held.has(sequence)) return this.#release(now);
    if (sequence === this.#next && this.#held.size === 0) {
      this.#next = sequence + 1;
      return [{ packet, missing: 0, at: now }];
    }
    this.#held.set(sequence, { packet, at: now });
    return this.#release(now);
  }

  /** All that is held, whatever is missing: nothing more will come. */
  flush(): Ordered[] {
    return this.#release(Infinity);
  }

  #release(now: number): Ordered[] {
    const out: Ordered[] = [];
    while (this.#held.size > 0 && this.#next !== undefined) {
      const sequence = this.#held.has(this.#next) ? this.#next : this.#overdue(now);
      if (sequence === undefined) break;
      const { packet, at } = this.#held.get(sequence) as { packet: RtpPacket; at: number };
      this.#held.delete(sequence);
      out.push({ packet, missing: sequence - this.#next, at });
      this.#next = sequence + 1;
    }
    return out;
  }

  /** The lowest that is held, when what is before it has been waited for long enough. */
  #overdue(now: number): number | undefined {
    const lowest = Math.min(...this.#held.keys());
    const at = this.#held.get(lowest)?.at ?? now;
    return now - at >= this.#waitMs || this.#held.size > this.#maxHeld ? lowest : undefined;
  }
}
