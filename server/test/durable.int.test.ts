import { randomUUID } from 'node:crypto';
import {
  copyFileSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRoomStore } from '@amphi/rooms';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Cast } from './support/cast.ts';
import { spawnServer } from './support/spawned-server.ts';

describe('the data folder', () => {
  let dataDir: string;
  const database = () => join(dataDir, 'rooms.db');

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'amphi-durable-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  test('has all that was answered, when the server is killed in the next moment', { timeout: 120_000 }, async () => {
    const guest = randomUUID();
    let server = await spawnServer({ dataDir });
    const room = await server.createRoom({ id: 'kept' });
    const cast = new Cast(server);
    const host = await cast.host(room, { name: 'Hanna' });
    const [gil, ida] = [
      await cast.join(room, { name: 'Gil', guest }),
      await cast.join(room, { name: 'Ida', guest: randomUUID() }),
    ];
    await host.wire.call('member.setRole', { memberId: ida.id, role: 'cohost' });
    await host.wire.call('room.setPolicy', { lobby: true, password: 'open sesame', capacity: 9 });
    await host.wire.call('moderate.remove', { memberId: gil.id, ban: true });
    // As many rooms as are answered until the kill, which comes in the middle of them.
    const made: string[] = [];
    const making = (async () => {
      for (;;) made.push(await server.createRoom());
    })().catch(() => {});
    while (made.length < 20) await new Promise((resolve) => setImmediate(resolve));
    await server.kill('SIGKILL');
    await making;
    cast.leave();

    const store = openRoomStore(database());
    for (const id of made) expect(store.get(id), id).toBeDefined();
    expect(store.get(room)).toMatchObject({ policy: { lobby: true, password: true, capacity: 9 } });
    expect(store.bans.list(room)).toMatchObject([{ name: 'Gil', by: 'Hanna' }]);
    const log = store.audit.list(room, { limit: 10 }).map(({ action }) => action);
    expect(log).toEqual(['moderate.remove', 'room.setPolicy', 'member.setRole']);
    store.close();

    // And it starts again on it by itself.
    server = await spawnServer({ dataDir });
    const again = new Cast(server);
    await expect(again.visit(room, { guest })).rejects.toMatchObject({ code: 'room-not-found' });
    const back = await again.visit(room, { token: ida.snapshot.self.pass });
    expect(back.welcome).toMatchObject({ role: 'cohost', admission: 'open', room: { policy: { capacity: 9 } } });
    again.leave();
    await server.kill('SIGTERM');
  });

  test('of the first version keeps its rooms, which get what there is now', { timeout: 60_000 }, async () => {
    const old = new DatabaseSync(database());
    old.exec(`CREATE TABLE rooms (
        id TEXT PRIMARY KEY, policy TEXT NOT NULL, created_at INTEGER NOT NULL, used_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX rooms_by_use ON rooms (used_at);
      PRAGMA user_version = 1;`);
    const insert = old.prepare('INSERT INTO rooms VALUES (?, ?, ?, ?)');
    insert.run('old-room', '{"direct":false,"capacity":7}', Date.now() - 1000, Date.now());
    old.close();

    const server = await spawnServer({ dataDir });
    const cast = new Cast(server);
    const person = await cast.join('old-room', { name: 'Ann' });
    expect(person.snapshot.room.policy).toMatchObject({
      direct: false,
      capacity: 7,
      locked: false,
      lobby: false,
      password: false,
      guestRole: 'speaker',
      expiresAt: null,
    });
    // It has no host link, so no key opens it as its host.
    await expect(cast.visit('old-room', { hostKey: '' })).rejects.toMatchObject({ code: 'room-not-found' });
    cast.leave();
    await server.kill('SIGTERM');
    const migrated = new DatabaseSync(database());
    expect(migrated.prepare('PRAGMA user_version').get()).toEqual({ user_version: 3 });
    migrated.close();
  });

  test.for<[what: string, damage: (path: string) => void]>([
    ['overwritten in the middle', (path) => overwrite(path, 4096, 8192)],
    ['overwritten at the beginning', (path) => overwrite(path, 0, 64)],
    ['cut off', (path) => truncateSync(path, Math.floor(statSync(path).size / 2) - 100)],
  ])(
    'with a database that was %s is refused in one sentence with the cure',
    { timeout: 60_000 },
    async ([, damage]) => {
      const store = openRoomStore(database());
      store.close();
      for (const name of readdirSync(dataDir)) if (/-(wal|shm)$/.test(name)) rmSync(join(dataDir, name));
      copyFileSync(database(), join(dataDir, 'before.db'));
      damage(database());
      const refused = await spawnServer({ dataDir }).catch((error: Error) => error);
      if (!(refused instanceof Error)) {
        await refused.kill('SIGKILL');
        throw new Error('the server started');
      }
      expect(refused.message).toMatch(
        /^the server did not start: The database \S+rooms\.db cannot be used \([^\n]+\): move it away [^\n]+ backup [^\n]+\.\n$/,
      );
      // A backup in its place, and it is there again.
      copyFileSync(join(dataDir, 'before.db'), database());
      openRoomStore(database()).close();
    },
  );
});

function overwrite(path: string, from: number, length: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(length, 0x5a), 0, length, from);
  closeSync(file);
}
