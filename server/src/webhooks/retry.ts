/** When a message is tried again. */
export type Retry = {
  /** After the first failure; the next wait is four times as long, and so on. */
  firstMs: number;
  longestMs: number;
  /** A message that is older is given up. A webhook to which nothing was delivered for so long is disabled. */
  giveUpMs: number;
};

const MINUTE = 60 * 1000;
const HOUR = 60 * MINUTE;

/** About 5 s, 20 s, 80 s, 5 min, 21 min, 85 min, and then every 6 hours for 3 days. */
export const RETRY: Retry = { firstMs: 5000, longestMs: 6 * HOUR, giveUpMs: 72 * HOUR };

/** How long to wait after so many failed attempts: exponential, with a jitter so that not all come back at once. */
export function waitMs({ firstMs, longestMs }: Retry, attempts: number, random: () => number = Math.random): number {
  const wait = Math.min(firstMs * 4 ** (attempts - 1), longestMs);
  return Math.round(wait * (0.75 + random() * 0.5));
}
