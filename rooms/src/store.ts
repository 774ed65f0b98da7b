import type { DatabaseSync } from 'node:sqlite';
import { type RoomPolicy, roomPolicy } from '@amphi/protocol';
import { type AuditLog, createAuditLog } from './audit.ts';
import { type BanList, createBanList } from './bans.ts';
import { openDatabase } from './database.ts';
import { createFeatureValues, type FeatureValues } from './feature-values.ts';
import { createGrantList, type GrantList } from './grants.ts';
import { createStreamKeys, type StreamKeys } from './stream-keys.ts';

export { StoreError } from './database.ts';

/** What is kept of a room while nobody is in it. */
export type RoomRecord = {
  id: string;
  policy: RoomPolicy;
  /** Null when the room has no password. */
  passwordHash: string | null;
  /** Null for rooms of a version without hosts. */
  hostKeyHash: string | null;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** When somebody was last in it, or it was made. */
  usedAt: number;
};

/** What is kept of rooms: the records, who is banned, who did what, and what features keep. */
export interface RoomStore {
  readonly bans: BanList;
  readonly audit: AuditLog;
  readonly grants: GrantList;
  readonly streamKeys: StreamKeys;
  readonly features: FeatureValues;
  get(id: string): RoomRecord | undefined;
  /** The rooms after an id, in the order of their ids. */
  list(options: { after?: string | undefined; limit: number }): RoomRecord[];
  /** False when there is a room with this id. */
  insert(record: RoomRecord): boolean;
  setPolicy(id: string, policy: RoomPolicy, passwordHash: string | null): void;
  touch(id: string, usedAt: number): void;
  /** Deletes a room with its bans; its audit log stays for as long as it has to. */
  delete(id: string): void;
  /** Deletes the rooms that were not used since then, but for some; answers how many. */
  deleteUnusedSince(time: number, except: ReadonlySet<string>): number;
  count(): number;
  close(): void;
}

const MIGRATIONS = [
  `CREATE TABLE rooms (
     id TEXT PRIMARY KEY,
     policy TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     used_at INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX rooms_by_use ON rooms (used_at);`,
  `ALTER TABLE rooms ADD COLUMN password_hash TEXT;
   ALTER TABLE rooms ADD COLUMN host_key_hash TEXT;
   CREATE TABLE bans (
     id TEXT PRIMARY KEY,
     room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
     identity TEXT NOT NULL,
     address TEXT,
     name TEXT NOT NULL,
     banned_by TEXT NOT NULL,
     at INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX bans_by_room ON bans (room_id, at);
   CREATE TABLE grants (
     room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
     identity TEXT NOT NULL,
     role TEXT,
     exceptions TEXT,
     granted_at INTEGER NOT NULL,
     passes_after INTEGER NOT NULL,
     PRIMARY KEY (room_id, identity)
   ) STRICT;
   CREATE TABLE audit (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     room_id TEXT NOT NULL,
     at INTEGER NOT NULL,
     actor TEXT NOT NULL,
     actor_name TEXT NOT NULL,
     actor_role TEXT NOT NULL,
     action TEXT NOT NULL,
     target TEXT,
     target_name TEXT,
     details TEXT
   ) STRICT;
   CREATE INDEX audit_by_room ON audit (room_id, id);
   CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit
     BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;`,
  `CREATE TABLE stream_keys (
     id TEXT PRIMARY KEY,
     room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
     name TEXT NOT NULL,
     hash TEXT NOT NULL UNIQUE,
     created_at INTEGER NOT NULL,
     used_at INTEGER
   ) STRICT;
   CREATE INDEX stream_keys_by_room ON stream_keys (room_id, created_at);
   CREATE TABLE feature_values (
     room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
     feature TEXT NOT NULL,
     key TEXT NOT NULL,
     value TEXT NOT NULL,
     PRIMARY KEY (room_id, feature, key)
   ) STRICT;`,
];

/**
 * Opens the store in an SQLite file.
 * @throws StoreError as {@link openDatabase} does.
 */
export function openRoomStore(path: string): RoomStore {
  return createStore(openDatabase(path, MIGRATIONS));
}

function createStore(db: DatabaseSync): RoomStore {
  db.exec('PRAGMA foreign_keys = ON');
  const columns = 'id, policy, password_hash, host_key_hash, created_at, used_at';
  const select = db.prepare(`SELECT ${columns} FROM rooms WHERE id = ?`);
  const page = db.prepare(`SELECT ${columns} FROM rooms WHERE id > ? ORDER BY id LIMIT ?`);
  const insert = db.prepare(`INSERT INTO rooms (${columns}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const updatePolicy = db.prepare('UPDATE rooms SET policy = ?, password_hash = ? WHERE id = ?');
  const updateUse = db.prepare('UPDATE rooms SET used_at = ? WHERE id = ?');
  const selectUnused = db.prepare('SELECT id FROM rooms WHERE used_at < ?');
  const remove = db.prepare('DELETE FROM rooms WHERE id = ?');
  const count = db.prepare('SELECT count(*) AS rooms FROM rooms');
  let closed = false;

  return {
    bans: createBanList(db),
    audit: createAuditLog(db),
    grants: createGrantList(db),
    streamKeys: createStreamKeys(db),
    features: createFeatureValues(db),
    get(id) {
      const row = select.get(id);
      return row && recordOf(row);
    },
    list: ({ after = '', limit }) => page.all(after, limit).map(recordOf),
    insert: ({ id, policy, passwordHash, hostKeyHash, createdAt, usedAt }) =>
      insert.run(id, JSON.stringify(policy), passwordHash, hostKeyHash, createdAt, usedAt).changes === 1,
    setPolicy(id, policy, passwordHash) {
      updatePolicy.run(JSON.stringify(policy), passwordHash, id);
    },
    touch(id, usedAt) {
      updateUse.run(usedAt, id);
    },
    delete(id) {
      remove.run(id);
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

function recordOf(row: Record<string, unknown>): RoomRecord {
  const text = (value: unknown) => (value === null ? null : String(value));
  return {
    id: String(row.id),
    policy: roomPolicy.parse(JSON.parse(String(row.policy))),
    passwordHash: text(row.password_hash),
    hostKeyHash: text(row.host_key_hash),
    createdAt: Number(row.created_at),
    usedAt: Number(row.used_at),
  };
}
