import type { DatabaseSync } from 'node:sqlite';
import { type Exceptions, exceptions, type PersonRole, personRole } from '@amphi/protocol';

/** What the moderators of a room decided about somebody; it comes before what an older token says. */
export type Grant = {
  /** Null where the role was left as it is. */
  role: PersonRole | null;
  exceptions: Exceptions | null;
  /** Tokens that were issued later than this say something newer. Milliseconds since the epoch. */
  grantedAt: number;
  /** Tokens and passes that were issued before this let nobody in any more: the person was put out. */
  passesAfter: number;
};

export interface GrantList {
  get(roomId: string, identity: string): Grant | undefined;
  set(roomId: string, identity: string, role: PersonRole, exceptions: Exceptions, at: number): void;
  /** Makes all void that somebody was given so far: tokens, passes, role and rights. */
  revoke(roomId: string, identity: string, at: number): void;
}

export function createGrantList(db: DatabaseSync): GrantList {
  const select = db.prepare(
    'SELECT role, exceptions, granted_at, passes_after FROM grants WHERE room_id = ? AND identity = ?',
  );
  const set = db.prepare(
    `INSERT INTO grants (room_id, identity, role, exceptions, granted_at, passes_after) VALUES (?, ?, ?, ?, ?, 0)
     ON CONFLICT DO UPDATE SET role = excluded.role, exceptions = excluded.exceptions, granted_at = excluded.granted_at`,
  );
  const revoke = db.prepare(
    `INSERT INTO grants (room_id, identity, exceptions, granted_at, passes_after) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET role = NULL, exceptions = excluded.exceptions, passes_after = excluded.passes_after`,
  );

  function get(roomId: string, identity: string): Grant | undefined {
    const row = select.get(roomId, identity);
    if (!row) return undefined;
    return {
      role: row.role === null ? null : personRole.parse(row.role),
      exceptions: row.exceptions === null ? null : exceptions.parse(JSON.parse(String(row.exceptions))),
      grantedAt: Number(row.granted_at),
      passesAfter: Number(row.passes_after),
    };
  }

  return {
    get,
    set(roomId, identity, role, rights, at) {
      set.run(roomId, identity, role, JSON.stringify(rights), at);
    },
    revoke(roomId, identity, at) {
      const { exceptions: rights, grantedAt = 0 } = get(roomId, identity) ?? {};
      // What was taken stays taken.
      const kept = rights ? JSON.stringify({ grant: [], deny: rights.deny }) : null;
      revoke.run(roomId, identity, kept, grantedAt, at);
    },
  };
}
