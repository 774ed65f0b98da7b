import { FakeClock } from '@amphi/rooms/testing';
import { expect, test } from 'vitest';
import { Cookies } from './cookie.ts';

test('a cookie is good for who it was made for, and for a while', () => {
  const clock = new FakeClock();
  const cookies = new Cookies(clock);
  const cookie = cookies.make('192.0.2.1 4000');
  expect(cookies.make('192.0.2.1 4000')).toBe(cookie);
  expect(cookies.isGood('192.0.2.1 4000', cookie)).toBe(true);
  expect(cookies.isGood('192.0.2.1 4001', cookie)).toBe(false);
  expect(new Cookies(clock).isGood('192.0.2.1 4000', cookie)).toBe(false);
  clock.advance(60_000);
  expect(cookies.isGood('192.0.2.1 4000', cookie)).toBe(true);
  clock.advance(60_000);
  expect(cookies.isGood('192.0.2.1 4000', cookie)).toBe(false);
});
