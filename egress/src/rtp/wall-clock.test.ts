import { expect, test } from 'vitest';
import { WallClock } from './wall-clock.ts';

test('until a sender report comes, the arrival of the first packet counts', () => {
  const clock = new WallClock(48_000);
  expect(clock.wallOf(clock.packet(1000, 50_000))).toBe(50_000);
  expect(clock.wallOf(clock.packet(1000 + 48_000, 51_700))).toBe(51_000);
  expect(clock.isReported).toBe(false);
});

test('a sender report says better, across the wrap of timestamps', () => {
  const clock = new WallClock(90_000);
  const first = clock.packet(0xffff_0000, 50_000);
  expect(clock.report({ rtpTimestamp: 0x0000_8000, capturedAt: 50_900 })).toEqual({
    rtp: first + 0x18000,
    wall: 50_900,
  });
  const next = clock.packet(0x0000_8000 + 90_000, 52_000);
  expect(clock.wallOf(next)).toBe(51_900);
});

test('a report before any packet says nothing', () => {
  expect(new WallClock(90_000).report({ rtpTimestamp: 5, capturedAt: 6 })).toBeUndefined();
});
