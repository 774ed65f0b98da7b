import { AmphiError } from '@amphi/protocol';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Counts what an address does. Rejects with `rate-limited` when that was too much. */
export type Limit = (key: string) => Promise<void>;

/** A limit of so many in so many seconds. */
export function createLimit(points: number, seconds: number): Limit {
  const limiter = new RateLimiterMemory({ points, duration: seconds });
  return async (key) => {
    try {
      await limiter.consume(key);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw new AmphiError('rate-limited', 'too many requests from this address', {
        retryAfterMs: Math.ceil(error.msBeforeNext),
      });
    }
  };
}
