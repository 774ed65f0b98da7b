import { roomPolicy } from '@amphi/protocol';
import { expect, test } from 'vitest';
import { openRoomStore } from './store.ts';

function storeWithRoom() {
  const store = openRoomStore(':memory:');
  const policy = roomPolicy.parse({ direct: true, capacity: 4 });
  store.insert({ id: 'lab', policy, passwordHash: null, hostKeyHash: null, createdAt: 0, usedAt: 0 });
  return store;
}

test('a key is found by itself alone, and what is kept of it is not the key', () => {
  const { streamKeys } = storeWithRoom();
  const { id, key } = streamKeys.create('lab', 'Studio', 5);
  expect(key).toMatch(/^amphi_[\w-]{32}$/);
  expect(streamKeys.find(key)).toEqual({ id, roomId: 'lab', name: 'Studio', createdAt: 5, usedAt: null });
  expect(streamKeys.find(`${key}x`)).toBeUndefined();
  expect(JSON.stringify(streamKeys.list('lab'))).not.toContain(key.slice(6));
  streamKeys.used(id, 9);
  expect(streamKeys.list('lab')).toMatchObject([{ id, usedAt: 9 }]);
});

test('a rotated key has another secret, a revoked one none', () => {
  const { streamKeys } = storeWithRoom();
  const { id, key } = streamKeys.create('lab', 'Studio', 5);
  const next = streamKeys.rotate('lab', id, 6) ?? '';
  expect(streamKeys.find(key)).toBeUndefined();
  expect(streamKeys.find(next)?.id).toBe(id);
  expect(streamKeys.rotate('other', id, 7)).toBeUndefined();
  expect(streamKeys.revoke('other', id)).toBe(false);
  expect(streamKeys.revoke('lab', id)).toBe(true);
  expect(streamKeys.find(next)).toBeUndefined();
});

test('a room has so many at most, and they go with it', () => {
  const store = storeWithRoom();
  const keys = Array.from({ length: 16 }, (_, n) => store.streamKeys.create('lab', `k${n}`, n).key);
  expect(() => store.streamKeys.create('lab', 'more', 99)).toThrow(/at most/);
  store.features.set('lab', 'live', 'event', { title: 'x' });
  store.delete('lab');
  expect(store.streamKeys.find(keys[0] ?? '')).toBeUndefined();
  expect(store.features.get('lab', 'live', 'event')).toBeUndefined();
});

test('features keep values by key', () => {
  const { features } = storeWithRoom();
  features.set('lab', 'live', 'event', { title: 'x' });
  features.set('lab', 'live', 'event', { title: 'y' });
  expect(features.get('lab', 'live', 'event')).toEqual({ title: 'y' });
  expect(features.get('lab', 'chat', 'event')).toBeUndefined();
  features.set('lab', 'live', 'event', undefined);
  expect(features.get('lab', 'live', 'event')).toBeUndefined();
});
