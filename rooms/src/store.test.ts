import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { roomPolicy } from '@amphi/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRoomStore, StoreError } from './store.ts';

describe('room store', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'amphi-store-'));
    path = join(folder, 'rooms.db');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const record = {
    id: 'lab',
    policy: roomPolicy.parse({ direct: false, capacity: 7 }),
    passwordHash: null,
    hostKeyHash: null,
    createdAt: 1,
    usedAt: 2,
  };

  test('keeps rooms over a restart, in a file for this user only', () => {
    const first = openRoomStore(path);
    expect(first.insert(record)).toBe(true);
    first.close();
    first.close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const second = openRoomStore(path);
    expect(second.get('lab')).toEqual(record);
    expect(second.get('hall')).toBeUndefined();
    second.close();
  });

  test('the audit log is found by room and time, page by page', () => {
    const store = openRoomStore(':memory:');
    const entry = { actor: 'key:1', actorName: 'Site', actorRole: 'host', action: 'room.end' };
    for (const at of [10, 20, 30]) store.audit.add({ ...entry, roomId: 'lab', at });
    store.audit.add({ ...entry, roomId: '', at: 25, action: 'key.create' });
    const times = (filter: object, limit = 10, before?: number) =>
      store.audit.search(filter, { limit, before }).map(({ at }) => at);
    expect(times({})).toEqual([25, 30, 20, 10]);
    expect(times({ room: 'lab' })).toEqual([30, 20, 10]);
    expect(times({ since: 20, until: 25 })).toEqual([25, 20]);
    expect(times({}, 2)).toEqual([25, 30]);
    expect(times({}, 2, 3)).toEqual([20, 10]);
    store.close();
  });

  test('does not overwrite a room', () => {
    const store = openRoomStore(path);
    store.insert(record);
    expect(store.insert({ ...record, createdAt: 9 })).toBe(false);
    expect(store.get('lab')).toEqual(record);
    store.close();
  });

  test('changes policy and use', () => {
    const store = openRoomStore(':memory:');
    store.insert(record);
    const policy = roomPolicy.parse({ direct: true, capacity: 2, password: true });
    store.setPolicy('lab', policy, 'salt.hash');
    store.touch('lab', 50);
    expect(store.get('lab')).toEqual({ ...record, policy, passwordHash: 'salt.hash', usedAt: 50 });
  });

  test('deletes what was not used, but for the exceptions', () => {
    const store = openRoomStore(':memory:');
    for (const [id, usedAt] of [
      ['old', 10],
      ['live', 10],
      ['new', 20],
    ] as const) {
      store.insert({ ...record, id, usedAt });
    }
    expect(store.deleteUnusedSince(20, new Set(['live']))).toBe(1);
    expect(store.get('old')).toBeUndefined();
    expect(store.get('live')).toBeDefined();
    expect(store.get('new')).toBeDefined();
  });

  test('says in a sentence that the file is damaged', () => {
    writeFileSync(path, 'this is no database, and long enough to be looked at as one'.repeat(20));
    expect(() => openRoomStore(path)).toThrow(StoreError);
    expect(() => openRoomStore(path)).toThrow(/rooms\.db cannot be used .*move it away/);
  });

  test('says that the folder is missing', () => {
    expect(() => openRoomStore(join(folder, 'none', 'rooms.db'))).toThrow(/folder can be written/);
  });

  test('leaves the database of a newer version alone', () => {
    const db = new DatabaseSync(path);
    db.exec('PRAGMA user_version = 99');
    db.close();
    expect(() => openRoomStore(path)).toThrow(/newer Amphi \(version 99\): update Amphi/);
  });
});
