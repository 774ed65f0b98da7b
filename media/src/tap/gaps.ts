const RETRY_MS = 30;
const ATTEMPTS = 4;
/** A larger jump is no loss, but a stream that began anew. */
const MAX_GAP = 512;

const NONE: readonly number[] = [];

/** Which packets of one SSRC are missing, and which of them to ask for now. Time is milliseconds of any clock. */
export class Gaps {
  readonly #missing = new Map<number, { attempts: number; askAt: number }>();
  #highest: number | undefined;

  /** Takes a packet that arrived; answers the sequence numbers to ask for, in order. */
  arrived(sequence: number, now: number): readonly number[] {
    this.#missing.delete(sequence);
    const before = this.#highest ?? (sequence - 1) & 0xffff;
    const ahead = (sequence - before) & 0xffff;
    if (ahead < 0x8000 && ahead > 0) {
      this.#highest = sequence;
      if (ahead > MAX_GAP) this.#missing.clear();
      else for (let step = 1; step < ahead; step++) this.#miss((before + step) & 0xffff, now);
    } else {
      this.#highest ??= sequence;
    }
    return this.#missing.size === 0 ? NONE : this.#due(now);
  }

  #miss(sequence: number, now: number): void {
    this.#missing.set(sequence, { attempts: 0, askAt: now });
  }

  #due(now: number): number[] {
    const due: number[] = [];
    for (const [sequence, entry] of this.#missing) {
      if (entry.askAt > now) continue;
      if (entry.attempts >= ATTEMPTS) {
        this.#missing.delete(sequence);
        continue;
      }
      entry.attempts += 1;
      entry.askAt = now + RETRY_MS;
      due.push(sequence);
    }
    return due;
  }
}
