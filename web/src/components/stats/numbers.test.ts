import { expect, test } from 'vitest';
import { bitrate, megabytes, milliseconds, percent, picture, UNKNOWN } from './numbers.ts';

test('numbers have units and the language decides on the comma', () => {
  expect(bitrate(1_530_000, 'en')).toBe('1.53 Mbit/s');
  expect(bitrate(48_200, 'de')).toBe('48 kbit/s');
  expect(percent(0.0234, 'de')).toBe('2,3 %');
  expect(milliseconds(12.4, 'en')).toBe('12 ms');
  expect(megabytes(12_340_000, 'en')).toBe('12.3 MB');
  expect(picture(1280, 720, 29.97)).toBe('1280×720@30');
  expect(picture(1280, 720, null)).toBe('1280×720');
});

test('what is not known is not made up', () => {
  expect([bitrate(null, 'en'), percent(null, 'en'), milliseconds(null, 'en'), picture(null, 1, 1)]).toEqual(
    Array.from({ length: 4 }, () => UNKNOWN),
  );
});
