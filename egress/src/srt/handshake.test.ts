import { expect, test } from 'vitest';
import {
  answerInduction,
  inductionOf,
  isShutdown,
  readHandshake,
  refuseConclusion,
  shutdownFor,
  SRT_REFUSAL,
  withCookie,
} from './handshake.ts';
import { readStreamRequest } from './stream-id.ts';

/** What libsrt 1.5.1 sent as a caller with the stream id "abc" and the latency 120: its conclusion. */
const CONCLUSION = Buffer.from(
  '8000000000000000000003e100000000' +
    '000000050000000574e3cede000005dc00002000ffffffff0c38cdea000000050100007f000000000000000000000000' +
    '0001000300010501000000bf007800000005000100636261',
  'hex',
);

test('reads a conclusion, and makes of it the induction that came before', () => {
  expect(readHandshake(CONCLUSION)).toEqual({
    ...{ is: 'conclusion', version: 5, keyMaterial: undefined, socketId: 0x0c_38_cd_ea, cookie: 5, streamId: 'abc' },
  });
  const induction = inductionOf(CONCLUSION);
  expect(induction).toHaveLength(64);
  expect(readHandshake(induction)).toEqual({
    ...{ is: 'induction', version: 4, keyMaterial: undefined, socketId: 0x0c_38_cd_ea, cookie: 0, streamId: '' },
  });
  expect(readHandshake(withCookie(CONCLUSION, 0xff_ee_dd_cc))?.cookie).toBe(0xff_ee_dd_cc);
  expect(readHandshake(CONCLUSION)?.cookie).toBe(5);
});

test('reads the keys of one that is going to encrypt, wherever they stand', () => {
  const keys = Buffer.from('000300020102030405060708', 'hex');
  expect(readHandshake(Buffer.concat([CONCLUSION, keys]))).toMatchObject({
    ...{ keyMaterial: Buffer.from('0102030405060708', 'hex'), streamId: 'abc' },
  });
  expect(readHandshake(Buffer.concat([CONCLUSION, keys.subarray(0, 8)]))?.keyMaterial).toBeUndefined();
});

test('answers the caller by its socket', () => {
  const answer = answerInduction(inductionOf(CONCLUSION), 99);
  expect(answer.readUInt32BE(12)).toBe(0x0c_38_cd_ea);
  expect(readHandshake(answer)).toMatchObject({ is: 'induction', version: 5, cookie: 99 });
  const refusal = refuseConclusion(CONCLUSION, SRT_REFUSAL.unauthorized);
  expect(refusal).toHaveLength(64);
  expect(refusal.readUInt32BE(12)).toBe(0x0c_38_cd_ea);
  expect(refusal.readUInt32BE(36)).toBe(2401);
  expect(readHandshake(refusal)).toBeUndefined();
  const shutdown = shutdownFor(7);
  expect(isShutdown(shutdown)).toBe(true);
  expect(shutdown.readUInt32BE(12)).toBe(7);
  expect(isShutdown(CONCLUSION)).toBe(false);
});

test('what is cut off or none is not read, and an extension that ends early has no stream id', () => {
  for (let length = 0; length < CONCLUSION.length; length++) {
    const read = readHandshake(CONCLUSION.subarray(0, length));
    expect(read?.streamId ?? '').toBe('');
    expect(isShutdown(CONCLUSION.subarray(0, length))).toBe(false);
  }
  const data = Buffer.from(CONCLUSION);
  data[0] = 0;
  expect(readHandshake(data)).toBeUndefined();
});

test.each([
  ['amphi_key', { key: 'amphi_key', publishes: true }],
  ['', { key: '', publishes: true }],
  ['#!::r=amphi_key,m=publish', { key: 'amphi_key', publishes: true }],
  ['#!::u=me,r=amphi_key', { key: 'amphi_key', publishes: true }],
  ['%23!%3A%3Ar%3Damphi_key%2Cm%3Dpublish', { key: 'amphi_key', publishes: true }],
  ['#!::m=request,r=amphi_key', { key: 'amphi_key', publishes: false }],
  ['#!::u=me', { key: '', publishes: true }],
  ['%zz', { key: '%zz', publishes: true }],
])('what %s asks for', (streamId, request) => {
  expect(readStreamRequest(streamId)).toEqual(request);
});
