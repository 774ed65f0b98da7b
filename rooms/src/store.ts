import { chmodSync, existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type RoomPolicy, roomPolicy } from '@amphi/protocol';

/** What is kept of a room while nobody is in it. */
export type RoomRecord = {
  id: string;
  policy: RoomPolicy;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** When somebody was last in it, or it was made. */
  usedAt: number;
};

/** The rooms' durable records. */
export interface RoomStore {
  get(id: string): RoomRecord | undefined;
  /** False when there is a room with this id. */
  insert(record: RoomRecord): boolean;
  setPolicy(id: string, policy: RoomPolicy): void;
  touch(id: string, usedAt: number): void;
  /** Deletes the rooms that were not used since then, but for some; answers how many. */
  deleteUnusedSince(time: number, except: ReadonlySet<string>): number;
  count(): number;
  close(): void;
}

/** A store that cannot be opened; the message says what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** Each brings the database from the version of its index to the next. */
const MIGRATIONS = [
  `CREATE TABLE rooms (
     id TEXT PRIMARY KEY,
     policy TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     used_at INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX rooms_by_use ON rooms (used_at);`,
];

/**
 * Opens the store in an SQLite file, which is made where it is missing (mode 0600); `:memory:` keeps nothing.
 * @throws StoreError when the file is damaged, cannot be written, or comes from a newer version.
 */
export function openRoomStore(path: string): RoomStore {
  let db: DatabaseSync | undefined;
  try {
    db = open(path);
    return createStore(db);
  } catch (error) {
    db?.close();
    if (error instanceof StoreError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const cure = existsSync(path)
      ? 'move it away to begin with an empty one, or put a backup in its place'
      : 'make sure that its folder can be written';
    throw new StoreError(`The room database ${path} cannot be used (${why}): ${cure}.`);
  }
}

function open(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000;');
  const [check] = Object.values(db.prepare('PRAGMA quick_check(1)').get() ?? {});
  if (check !== 'ok') throw new Error(`it is damaged: ${String(check)}`);
  if (path !== ':memory:') chmodSync(path, 0o600);
  migrate(db, path);
  return db;
}

function migrate(db: DatabaseSync, path: string): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.user_version);
  if (version > MIGRATIONS.length) {
    throw new StoreError(`The room database ${path} was written by a newer Amphi (version ${version}): update Amphi.`);
  }
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index >= version) db.exec(`BEGIN IMMEDIATE; ${sql} PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}

function createStore(db: DatabaseSync): RoomStore {
  const select = db.prepare('SELECT id, policy, created_at, used_at FROM rooms WHERE id = ?');
  const insert = db.prepare(
    'INSERT INTO rooms (id, policy, created_at, used_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const updatePolicy = db.prepare('UPDATE rooms SET policy = ? WHERE id = ?');
  const updateUse = db.prepare('UPDATE rooms SET used_at = ? WHERE id = ?');
  const selectUnused = db.prepare('SELECT id FROM rooms WHERE used_at < ?');
  const remove = db.prepare('DELETE FROM rooms WHERE id = ?');
  const count = db.prepare('SELECT count(*) AS rooms FROM rooms');
  let closed = false;

  return {
    get(id) {
      const row = select.get(id);
      if (!row) return undefined;
      return {
        id: String(row.id),
        policy: roomPolicy.parse(JSON.parse(String(row.policy))),
        createdAt: Number(row.created_at),
        usedAt: Number(row.used_at),
      };
    },
    insert: ({ id, policy, createdAt, usedAt }) =>
      insert.run(id, JSON.stringify(policy), createdAt, usedAt).changes === 1,
    setPolicy(id, policy) {
      updatePolicy.run(JSON.stringify(policy), id);
    },
    touch(id, usedAt) {
      updateUse.run(usedAt, id);
    },
    deleteUnusedSince(time, except) {
      const unused = selectUnused.all(time).map((row) => String(row.id));
      const gone = unused.filter((id) => !except.has(id));
      for (const id of gone) remove.run(id);
      return gone.length;
    },
    count: () => Number(count.get()?.rooms),
    close() {
      if (closed) return;
      closed = true;
      db.close();
    },
  };
}
