import { createHash } from 'node:crypto';
import { AmphiError } from '@amphi/protocol';

/** An answer; an empty body is none. */
export type Kept = { status: 200 | 201 | 204; body: string };

/**
 * Answers kept by the caller's `Idempotency-Key`, so that whoever repeats a request because the answer was lost makes
 * nothing twice. They are in memory only: answers hold secrets that are told once and kept nowhere.
 */
export interface Idempotency {
  /**
   * Runs the work, or answers as the first time. A refusal is not kept.
   * Rejects with `wrong-state` when the key came with another request.
   */
  once(options: { key: string; request: string }, work: () => Promise<Kept>): Promise<Kept>;
}

const KEEP_MS = 24 * 60 * 60 * 1000;
const MAX_KEPT = 10_000;

export function createIdempotency(now: () => number = Date.now): Idempotency {
  /** In order of coming. */
  const kept = new Map<string, { request: string; at: number; answer: Promise<Kept> }>();

  function forget(): void {
    for (const [key, { at }] of kept) {
      if (kept.size < MAX_KEPT && now() - at < KEEP_MS) return;
      kept.delete(key);
    }
  }

  return {
    once({ key, request }, work) {
      const digest = createHash('sha256').update(request).digest('base64url');
      const known = kept.get(key);
      if (known && now() - known.at < KEEP_MS) {
        if (known.request === digest) return known.answer;
        throw new AmphiError('wrong-state', 'this Idempotency-Key came with another request before');
      }
      kept.delete(key);
      forget();
      const answer = work();
      kept.set(key, { request: digest, at: now(), answer });
      answer.catch(() => kept.delete(key));
      return answer;
    },
  };
}
