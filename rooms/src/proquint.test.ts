import { roomId } from '@amphi/protocol';
import { expect, test } from 'vitest';
import { proquint, randomRoomId } from './proquint.ts';

test('proquints are those of the specification', () => {
  // 127.0.0.1 is lusab-babad there.
  expect(proquint(0x7f00)).toBe('lusab');
  expect(proquint(0x0001)).toBe('babad');
  expect(proquint(0xffff)).toBe('zuzuz');
});

test('every word has another proquint', () => {
  const all = new Set(Array.from({ length: 65_536 }, (_, word) => proquint(word)));
  expect(all.size).toBe(65_536);
});

test('a random room id carries 80 bits, is a room id, and differs', () => {
  const ids = Array.from({ length: 100 }, randomRoomId);
  expect(new Set(ids).size).toBe(100);
  for (const id of ids) {
    expect(id).toMatch(/^([a-z]{5}-){4}[a-z]{5}$/);
    expect(roomId.parse(id)).toBe(id);
  }
});
