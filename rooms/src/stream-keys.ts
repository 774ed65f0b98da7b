import { createHash, randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { AmphiError } from '@amphi/protocol';

/** A key with which a program publishes into a room; the key itself is known only to whoever made it. */
export type StreamKey = {
  id: string;
  roomId: string;
  /** What the publisher is called in the room. */
  name: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  usedAt: number | null;
};

export interface StreamKeys {
  list(roomId: string): StreamKey[];
  /** Makes a key and tells it, for the only time. @throws AmphiError `wrong-state` when the room has too many. */
  create(roomId: string, name: string, at: number): { id: string; key: string };
  /** Gives a key another secret; the old one is void. Undefined when there is no such key in the room. */
  rotate(roomId: string, id: string, at: number): string | undefined;
  /** False when there is no such key in the room. */
  revoke(roomId: string, id: string): boolean;
  find(key: string): StreamKey | undefined;
  get(id: string): StreamKey | undefined;
  used(id: string, at: number): void;
}

const MAX_PER_ROOM = 16;

export function createStreamKeys(db: DatabaseSync): StreamKeys {
  const columns = 'id, room_id, name, created_at, used_at';
  const ofRoom = db.prepare(`SELECT ${columns} FROM stream_keys WHERE room_id = ? ORDER BY created_at, id`);
  const byHash = db.prepare(`SELECT ${columns} FROM stream_keys WHERE hash = ?`);
  const byId = db.prepare(`SELECT ${columns} FROM stream_keys WHERE id = ?`);
  const insert = db.prepare('INSERT INTO stream_keys (id, room_id, name, hash, created_at) VALUES (?, ?, ?, ?, ?)');
  const change = db.prepare(
    'UPDATE stream_keys SET hash = ?, created_at = ?, used_at = NULL WHERE room_id = ? AND id = ?',
  );
  const remove = db.prepare('DELETE FROM stream_keys WHERE room_id = ? AND id = ?');
  const touch = db.prepare('UPDATE stream_keys SET used_at = ? WHERE id = ?');

  return {
    list: (roomId) => ofRoom.all(roomId).map(streamKeyOf),
    create(roomId, name, at) {
      if (ofRoom.all(roomId).length >= MAX_PER_ROOM) {
        throw new AmphiError('wrong-state', `a room has at most ${MAX_PER_ROOM} stream keys`);
      }
      const [id, key] = [randomBytes(9).toString('base64url'), newKey()];
      insert.run(id, roomId, name, hashOf(key), at);
      return { id, key };
    },
    rotate(roomId, id, at) {
      const key = newKey();
      return change.run(hashOf(key), at, roomId, id).changes === 1 ? key : undefined;
    },
    revoke: (roomId, id) => remove.run(roomId, id).changes === 1,
    find(key) {
      const row = byHash.get(hashOf(key));
      return row && streamKeyOf(row);
    },
    get(id) {
      const row = byId.get(id);
      return row && streamKeyOf(row);
    },
    used(id, at) {
      touch.run(at, id);
    },
  };
}

/** 192 random bits; the prefix lets secret scanners and people see what it is. */
function newKey(): string {
  return `amphi_${randomBytes(24).toString('base64url')}`;
}

/** The key is random, so one round is enough. */
function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}

function streamKeyOf(row: Record<string, unknown>): StreamKey {
  return {
    id: String(row.id),
    roomId: String(row.room_id),
    name: String(row.name),
    createdAt: Number(row.created_at),
    usedAt: row.used_at === null ? null : Number(row.used_at),
  };
}
