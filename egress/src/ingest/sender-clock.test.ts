import { expect, test } from 'vitest';
import { SenderClock } from './sender-clock.ts';

test('what was held back and comes at once does not put the sender late', () => {
  const clock = new SenderClock();
  expect(clock.stampOf(0)).toBeUndefined();
  // A second of media, all of it at 5000, and from then on each as it is sent.
  for (let stamp = 0; stamp <= 1000; stamp += 40) clock.arrived(stamp, 5000);
  expect(clock.stampOf(5000)).toBe(1000);
  for (let stamp = 1040; stamp <= 3000; stamp += 40) clock.arrived(stamp, 4000 + stamp);
  expect(clock.stampOf(7000)).toBe(3000);
});

test('later on, what comes quicker counts a little at a time, and what is held up does not', () => {
  const clock = new SenderClock();
  for (let stamp = 0; stamp <= 5000; stamp += 40) clock.arrived(stamp, 1000 + stamp);
  expect(clock.stampOf(6000)).toBe(5000);
  clock.arrived(5040, 6500);
  expect(clock.stampOf(6500)).toBe(5500);
  clock.arrived(5600, 6500);
  expect(clock.stampOf(6600)).toBeCloseTo(5600.2, 3);
});

test('a sender that begins anew is followed', () => {
  const clock = new SenderClock();
  clock.arrived(500_000, 1000);
  clock.arrived(0, 2000);
  expect(clock.stampOf(2100)).toBe(100);
});
