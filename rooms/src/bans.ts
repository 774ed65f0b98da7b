import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Ban } from '@amphi/protocol';

export type NewBan = {
  roomId: string;
  identity: string;
  /** A keyed hash of the network address, where it is banned as well. */
  address: string | null;
  name: string;
  by: string;
  at: number;
};

/** Who may not come into a room any more. */
export interface BanList {
  add(ban: NewBan): Ban;
  list(roomId: string): Ban[];
  /** False when there is no such ban in that room. */
  remove(roomId: string, id: string): boolean;
  /** Whether somebody with this identity, or a guest from this address, is banned. */
  has(roomId: string, identity: string, address: string | null): boolean;
}

export function createBanList(db: DatabaseSync): BanList {
  const insert = db.prepare(
    'INSERT INTO bans (id, room_id, identity, address, name, banned_by, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const select = db.prepare('SELECT id, name, banned_by, at FROM bans WHERE room_id = ? ORDER BY at DESC LIMIT 500');
  const remove = db.prepare('DELETE FROM bans WHERE room_id = ? AND id = ?');
  const find = db.prepare('SELECT 1 FROM bans WHERE room_id = ? AND (identity = ? OR address = ?) LIMIT 1');

  return {
    add({ roomId, identity, address, name, by, at }) {
      const id = randomBytes(12).toString('hex');
      insert.run(id, roomId, identity, address, name, by, at);
      return { id, name, by, at };
    },
    list: (roomId) =>
      select.all(roomId).map((row) => ({
        id: String(row.id),
        name: String(row.name),
        by: String(row.banned_by),
        at: Number(row.at),
      })),
    remove: (roomId, id) => remove.run(roomId, id).changes === 1,
    has: (roomId, identity, address) => find.get(roomId, identity, address) !== undefined,
  };
}
