import type { DatabaseSync } from 'node:sqlite';
import type { AuditEntry } from '@amphi/protocol';

/** What was done, before it has a number. */
export type AuditRecord = Omit<AuditEntry, 'id'>;

/** What is looked for; `since` and `until` in milliseconds since the epoch, both included. */
export type AuditFilter = { room?: string | undefined; since?: number | undefined; until?: number | undefined };

/** Who did what in which room. Lines are added, and go when they are too old; nothing else (a trigger sees to it). */
export interface AuditLog {
  add(entry: AuditRecord): void;
  /** The entries before an id, the latest first. */
  list(roomId: string, options: { before?: number | undefined; limit: number }): AuditEntry[];
  /** As {@link list}, over all rooms, those that are deleted too, and what concerns none. */
  search(filter: AuditFilter, options: { before?: number | undefined; limit: number }): AuditEntry[];
  /** Deletes what is older than a time in milliseconds since the epoch; answers how many. */
  prune(before: number): number;
}

const LATEST = Number.MAX_SAFE_INTEGER;

export function createAuditLog(db: DatabaseSync): AuditLog {
  const insert = db.prepare(
    `INSERT INTO audit (room_id, at, actor, actor_name, actor_role, action, target, target_name, details)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const select = db.prepare('SELECT * FROM audit WHERE room_id = ? AND id < ? ORDER BY id DESC LIMIT ?');
  const search = db.prepare(
    `SELECT * FROM audit WHERE (?1 IS NULL OR room_id = ?1) AND at >= ?2 AND at <= ?3 AND id < ?4
     ORDER BY id DESC LIMIT ?5`,
  );
  const prune = db.prepare('DELETE FROM audit WHERE at < ?');

  return {
    add({ roomId, at, actor, actorName, actorRole, action, target, targetName, details }) {
      const json = details ? JSON.stringify(details) : null;
      insert.run(roomId, at, actor, actorName, actorRole, action, target ?? null, targetName ?? null, json);
    },
    list: (roomId, { before = LATEST, limit }) => select.all(roomId, before, limit).map(entryOf),
    search: ({ room = null, since = 0, until = LATEST }, { before = LATEST, limit }) =>
      search.all(room, since, until, before, limit).map(entryOf),
    prune: (before) => Number(prune.run(before).changes),
  };
}

function entryOf(row: Record<string, unknown>): AuditEntry {
  return {
    id: Number(row.id),
    roomId: String(row.room_id),
    at: Number(row.at),
    actor: String(row.actor),
    actorName: String(row.actor_name),
    actorRole: String(row.actor_role),
    action: String(row.action),
    ...(row.target === null ? {} : { target: String(row.target) }),
    ...(row.target_name === null ? {} : { targetName: String(row.target_name) }),
    ...(row.details === null ? {} : { details: JSON.parse(String(row.details)) as Record<string, unknown> }),
  };
}
