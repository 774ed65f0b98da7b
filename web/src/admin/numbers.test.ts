import { expect, test } from 'vitest';
import { bitrate, bytes, duration, milliseconds, percent } from './numbers.ts';

test.each([
  [0, '0 bit/s'],
  [999, '999 bit/s'],
  [1500, '1.5 kbit/s'],
  [2_500_000, '2.5 Mbit/s'],
  [123_456_789, '123 Mbit/s'],
  [1_234_000_000, '1.23 Gbit/s'],
])('%i bits a second are %s', (bits, text) => {
  expect(bitrate(bits)).toBe(text);
});

test.each([
  [1, '1 second'],
  [119, '119 seconds'],
  [120, '2 minutes'],
  [7199, '119 minutes'],
  [7200, '2 hours'],
  [172_800, '2 days'],
])('%i s are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test('memory, shares and delays have their units', () => {
  expect([bytes(54_321_000), bytes(25_769_803_776)]).toEqual(['54.3 MB', '25.8 GB']);
  expect([percent(0.424), percent(0.0123, 1)]).toEqual(['42%', '1.2%']);
  expect(milliseconds(1.26)).toBe('1.3 ms');
});
