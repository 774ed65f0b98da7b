import { expect, test } from 'vitest';
import { opensKeys } from './key-material.ts';

/** What libsrt 1.5.1 sent as a caller with the passphrase "0123456789abc", with keys of 128 and 256 bits. */
const MESSAGES = [
  '12202901000000000200020000000404169b606d556e7e13f7a5bffa8bb94b591fcdbccd4dffb7079756a637cd35fbc1a952b14d575f0321',
  '122029010000000002000200000004088a694b9290524d2ec1c7b80cef5cb66a2a0bc8bfc9bd5f76d4cdbaf662e57150a7722ca04e5107b1b29a543f2d8c3fca0dc56703409df2ac',
].map((hex) => Buffer.from(hex, 'hex'));

test.each(MESSAGES)('opens with the passphrase it was made with, and no other', (message) => {
  expect(opensKeys(message, '0123456789abc')).toBe(true);
  expect(opensKeys(message, '0123456789abd')).toBe(false);
  expect(opensKeys(message, '')).toBe(false);
});

test('what is damaged or cut off does not open', () => {
  const [message = Buffer.alloc(0)] = MESSAGES;
  for (let length = 0; length < message.length; length++) {
    expect(opensKeys(message.subarray(0, length), '0123456789abc')).toBe(false);
  }
  for (const at of [0, 1, 14, 15, 30, 40]) {
    const damaged = Buffer.from(message);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    expect(opensKeys(damaged, '0123456789abc')).toBe(false);
  }
});
