import { expect, test } from 'vitest';
import { outranks } from './person-menu.ts';

test('one acts on those below, and on nobody else', () => {
  expect(outranks('host', 'cohost')).toBe(true);
  expect(outranks('cohost', 'viewer')).toBe(true);
  expect(outranks('cohost', 'cohost')).toBe(false);
  expect(outranks('cohost', 'host')).toBe(false);
  // The server's own members end with what they are for.
  expect(outranks('host', 'recorder')).toBe(false);
  expect(outranks('', 'viewer')).toBe(false);
});
