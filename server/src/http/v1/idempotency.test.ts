import { expect, test, vi } from 'vitest';
import { createIdempotency, type Kept } from './idempotency.ts';

const answer: Kept = { status: 201, body: '{}' };

test('the work is done once for a key, and again after a day or a failure', async () => {
  let now = 0;
  const { once } = createIdempotency(() => now);
  const work = vi.fn(async () => answer);
  const request = { key: 'a', request: 'r' };
  expect(await Promise.all([once(request, work), once(request, work)])).toEqual([answer, answer]);
  expect(work).toHaveBeenCalledTimes(1);
  expect(() => once({ key: 'a', request: 'other' }, work)).toThrow(expect.objectContaining({ code: 'wrong-state' }));
  now = 24 * 3600 * 1000;
  await once(request, work);
  expect(work).toHaveBeenCalledTimes(2);
  await expect(once({ key: 'b', request: 'r' }, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await once({ key: 'b', request: 'r' }, work)).toBe(answer);
});

test('the oldest answers go when there are too many', async () => {
  const { once } = createIdempotency(() => 0);
  for (let n = 0; n < 10_001; n++) await once({ key: String(n), request: 'r' }, async () => answer);
  const work = vi.fn(async () => answer);
  await once({ key: '10000', request: 'r' }, work);
  expect(work).not.toHaveBeenCalled();
  await once({ key: '0', request: 'r' }, work);
  expect(work).toHaveBeenCalledOnce();
});
