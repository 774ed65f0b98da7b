import type { DatabaseSync } from 'node:sqlite';

/** A share of a recording, of which link and password are kept as hashes only. */
export type ShareRow = {
  id: string;
  recordingId: string;
  secretHash: string;
  /** Null without a password. */
  passwordHash: string | null;
  tracks: boolean;
  createdAt: number;
  createdBy: string;
  expiresAt: number;
  /** When somebody last came by it. */
  openedAt: number | null;
};

/** The shares of recordings. */
export interface ShareTable {
  insert(share: ShareRow): void;
  get(id: string): ShareRow | undefined;
  /** Of a recording, the latest first. */
  list(recordingId: string): ShareRow[];
  setOpened(id: string, at: number): void;
  /** False when the recording has none with this id. */
  delete(recordingId: string, id: string): boolean;
  deleteOf(recordingId: string): void;
  deleteExpired(now: number): void;
}

export const SHARES_MIGRATION = `CREATE TABLE shares (
     id TEXT PRIMARY KEY,
     recording_id TEXT NOT NULL,
     secret_hash TEXT NOT NULL,
     password_hash TEXT,
     tracks INTEGER NOT NULL,
     created_at INTEGER NOT NULL,
     created_by TEXT NOT NULL,
     expires_at INTEGER NOT NULL,
     opened_at INTEGER
   ) STRICT;
   CREATE INDEX shares_by_recording ON shares (recording_id, created_at);`;

export function createShareTable(db: DatabaseSync): ShareTable {
  const columns = 'id, recording_id, secret_hash, password_hash, tracks, created_at, created_by, expires_at, opened_at';
  const insert = db.prepare(`INSERT INTO shares (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const find = db.prepare(`SELECT ${columns} FROM shares WHERE id = ?`);
  const all = db.prepare(`SELECT ${columns} FROM shares WHERE recording_id = ? ORDER BY created_at DESC, id`);
  const opened = db.prepare('UPDATE shares SET opened_at = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM shares WHERE recording_id = ? AND id = ?');
  const removeAll = db.prepare('DELETE FROM shares WHERE recording_id = ?');
  const removeExpired = db.prepare('DELETE FROM shares WHERE expires_at <= ?');

  return {
    insert(share) {
      const { id, recordingId, secretHash, passwordHash, tracks, createdAt, createdBy, expiresAt, openedAt } = share;
      insert.run(
        ...[id, recordingId, secretHash, passwordHash, tracks ? 1 : 0, createdAt, createdBy, expiresAt, openedAt],
      );
    },
    get(id) {
      const row = find.get(id);
      return row && shareOf(row);
    },
    list: (recordingId) => all.all(recordingId).map(shareOf),
    setOpened: (id, at) => void opened.run(at, id),
    delete: (recordingId, id) => remove.run(recordingId, id).changes === 1,
    deleteOf: (recordingId) => void removeAll.run(recordingId),
    deleteExpired: (now) => void removeExpired.run(now),
  };
}

function shareOf(row: Record<string, unknown>): ShareRow {
  return {
    id: String(row.id),
    recordingId: String(row.recording_id),
    secretHash: String(row.secret_hash),
    passwordHash: row.password_hash === null ? null : String(row.password_hash),
    tracks: row.tracks === 1,
    createdAt: Number(row.created_at),
    createdBy: String(row.created_by),
    expiresAt: Number(row.expires_at),
    openedAt: row.opened_at === null ? null : Number(row.opened_at),
  };
}
