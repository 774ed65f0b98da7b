import { expect, test } from 'vitest';
import { TokenBucket } from './bucket.ts';
import { FakeClock } from './testing/index.ts';

test('a bucket gives its burst at once and then refills', () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket({ burst: 2, perSecond: 4 }, clock);
  expect([bucket.take(), bucket.take()]).toEqual([0, 0]);
  expect(bucket.take()).toBe(250);
  clock.advance(249);
  expect(bucket.take()).toBeGreaterThan(0);
  clock.advance(1);
  expect(bucket.take()).toBe(0);
});

test('a bucket never holds more than its burst', () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket({ burst: 1, perSecond: 1 }, clock);
  clock.advance(60_000);
  expect([bucket.take(), bucket.take()]).toEqual([0, 1000]);
});
