import { AmphiError } from '@amphi/protocol';
import type { GuessLimit } from '@amphi/rooms';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Counts what an address does. Rejects with `rate-limited` when that was too much. */
export type Limit = (key: string) => Promise<void>;

/** A limit of so many in so many seconds. */
export function createLimit(points: number, seconds: number, message = 'too many requests from this address'): Limit {
  const limiter = new RateLimiterMemory({ points, duration: seconds });
  return async (key) => {
    try {
      await limiter.consume(key);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw new AmphiError('rate-limited', message, {
        retryAfterMs: Math.ceil(error.msBeforeNext),
      });
    }
  };
}

/** A limit of so many wrong guesses in so many seconds: right ones cost nothing. */
export function createGuessLimit(points: number, seconds: number): GuessLimit {
  const limiter = new RateLimiterMemory({ points, duration: seconds });
  return {
    async check(address) {
      const wrong = await limiter.get(address);
      if (!wrong || wrong.consumedPoints < points) return;
      throw new AmphiError('rate-limited', 'too many wrong guesses from this address', {
        retryAfterMs: Math.ceil(wrong.msBeforeNext),
      });
    },
    async failed(address) {
      await limiter.penalty(address);
    },
  };
}
