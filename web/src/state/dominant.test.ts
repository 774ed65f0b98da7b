import { expect, test } from 'vitest';
import { HOLD_MS, holdDominant, withSpeaker } from './dominant.ts';

const nobody = { id: null, since: 0 };

test('the first speaker is shown at once, silence changes nothing', () => {
  expect(holdDominant(nobody, 'a', 10)).toEqual({ next: { id: 'a', since: 10 }, retryInMs: null });
  const current = { id: 'a', since: 10 };
  expect(holdDominant(current, null, 99_999).next).toBe(current);
  expect(holdDominant(current, 'a', 99_999).next).toBe(current);
});

test('the next speaker waits until the hold time is over', () => {
  const current = { id: 'a', since: 1000 };
  expect(holdDominant(current, 'b', 1500)).toEqual({ next: current, retryInMs: HOLD_MS - 500 });
  expect(holdDominant(current, 'b', 1000 + HOLD_MS)).toEqual({
    next: { id: 'b', since: 1000 + HOLD_MS },
    retryInMs: null,
  });
});

test('recent speakers are listed once, newest first', () => {
  expect(withSpeaker(withSpeaker(withSpeaker([], 'a'), 'b'), 'a')).toEqual(['a', 'b']);
  expect(withSpeaker(['a', 'b', 'c'], 'd', 3)).toEqual(['d', 'a', 'b']);
});
