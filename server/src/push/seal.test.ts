import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createKeySeal } from './seal.ts';

test('a sealed key is opened for its room, by its installation, undamaged', () => {
  const seal = createKeySeal(randomBytes(32));
  const sealed = seal.close('room', 'a-secret-key');
  expect(sealed).not.toContain('a-secret-key');
  expect(seal.open('room', sealed)).toBe('a-secret-key');
  expect(seal.close('room', 'a-secret-key')).not.toBe(sealed);

  expect(seal.open('other', sealed)).toBeUndefined();
  expect(createKeySeal(randomBytes(32)).open('room', sealed)).toBeUndefined();
  const damaged = Buffer.from(sealed, 'base64url');
  damaged.writeUInt8(damaged.readUInt8(20) ^ 1, 20);
  expect(seal.open('room', damaged.toString('base64url'))).toBeUndefined();
  expect(seal.open('room', '')).toBeUndefined();
});
