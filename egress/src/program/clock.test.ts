import { expect, test } from 'vitest';
import { PictureTimes, ProgramClock } from './clock.ts';

const clock = () => new ProgramClock(100_000);

test('the clock of a program goes both ways, and begins before the program', () => {
  const program = clock();
  expect(program.timeOf(100_000)).toBe(1_000_000);
  expect(program.timeOf(90_000)).toBe(0);
  expect(program.wallOf(program.timeOf(123_456))).toBe(123_456);
});

test('pictures follow the even RTP clock, and are led slowly to what the reports say', () => {
  const times = new PictureTimes(clock(), 90_000);
  const first = times.next(0, 100_000);
  expect(first).toBe(1_000_000);
  // A report says that all was 50 ms earlier: 20 ms a second are made good, and no picture jumps.
  const got = Array.from({ length: 150 }, (_, index) =>
    times.next((index + 1) * 3000, 99_950 + ((index + 1) * 100) / 3),
  );
  const steps = got.map((time, index) => time - (got[index - 1] ?? first));
  expect(Math.min(...steps)).toBeGreaterThan(32_000);
  expect(Math.max(...steps)).toBeLessThan(34_000);
  expect(got.at(-1)).toBe(5_950_000);
});

test('what is far off jumps, but never back', () => {
  const times = new PictureTimes(clock(), 90_000);
  times.next(0, 100_000);
  expect(times.next(3000, 103_033)).toBe(4_033_000);
  expect(times.next(6000, 100_066)).toBe(4_033_001);
  const again = new PictureTimes(clock(), 90_000, times.last);
  expect(again.next(77, 100_000)).toBe(4_033_002);
});
