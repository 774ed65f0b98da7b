import { AmphiError } from '@amphi/protocol';
import { expect, test, vi } from 'vitest';
import { type GuessLimit, Guesses } from './guesses.ts';

/** Counts without ever forgetting. */
function limitOf(most: number): GuessLimit {
  const wrong = new Map<string, number>();
  return {
    async check(address) {
      if ((wrong.get(address) ?? 0) >= most) throw new AmphiError('rate-limited', 'too many', { retryAfterMs: 1000 });
    },
    async failed(address) {
      wrong.set(address, (wrong.get(address) ?? 0) + 1);
    },
  };
}

test('wrong guesses are counted, right ones and other failures are not', async () => {
  const guesses = new Guesses(limitOf(2));
  const fail = (code: 'room-not-found' | 'unauthorized' | 'room-full') => async () => {
    throw new AmphiError(code, code);
  };
  for (let n = 0; n < 5; n++) {
    expect(await guesses.watch('a', async () => n)).toBe(n);
    await expect(guesses.watch('a', fail('room-full'))).rejects.toMatchObject({ code: 'room-full' });
  }
  await expect(guesses.watch('a', fail('room-not-found'))).rejects.toMatchObject({ code: 'room-not-found' });
  await expect(guesses.watch('a', fail('unauthorized'))).rejects.toMatchObject({ code: 'unauthorized' });
  const work = vi.fn(async () => 'a room');
  await expect(guesses.watch('a', work)).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 1000 });
  expect(work).not.toHaveBeenCalled();
  expect(await guesses.watch('b', work)).toBe('a room');
});

test('passwords are tried one at a time for each address, so that many at once are no more tries', async () => {
  const guesses = new Guesses(limitOf(3));
  let [now, most, tried] = [0, 0, 0];
  const wrong = async () => {
    most = Math.max(most, ++now);
    tried++;
    await new Promise((resolve) => setTimeout(resolve, 1));
    now--;
    return false;
  };
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => guesses.one('a', wrong)));
  expect(results.map(({ status }) => status)).toEqual([...Array(3).fill('fulfilled'), ...Array(7).fill('rejected')]);
  expect([most, tried]).toEqual([1, 3]);
  expect(await guesses.one('b', async () => true)).toBe(true);
});
