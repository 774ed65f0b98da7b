import { expect, test } from 'vitest';
import { parseRtp } from './packet.ts';

const header = (first: number, ...rest: number[]) =>
  Buffer.from([first, 0x80 | 96, 0x12, 0x34, 0, 0, 0, 9, 0, 0, 0, 7, ...rest]);

test('reads the fields and the payload', () => {
  expect(parseRtp(header(0x80, 1, 2))).toEqual({
    payloadType: 96,
    marker: true,
    sequence: 0x1234,
    timestamp: 9,
    ssrc: 7,
    payload: Buffer.from([1, 2]),
  });
});

test('passes over contributing sources, header extensions and padding', () => {
  const packet = header(0x80 | 0x20 | 0x10 | 1, 0, 0, 0, 1, 0xbe, 0xde, 0, 1, 0x10, 1, 0, 0, 5, 6, 0, 2);
  expect(parseRtp(packet)?.payload).toEqual(Buffer.from([5, 6]));
});

test('answers nothing for what is no packet', () => {
  expect(parseRtp(Buffer.alloc(11))).toBeUndefined();
  expect(parseRtp(header(0x40))).toBeUndefined();
  expect(parseRtp(header(0x80 | 0x20, 200))).toBeUndefined();
  expect(parseRtp(header(0x80 | 0x10, 0xbe, 0xde, 0, 9))).toBeUndefined();
});
