import { AmphiError, type AuditEntry, type Ban, type PolicyPatch, type RoomPolicy } from '@amphi/protocol';
import type { Clock } from './clock.ts';
import type { RoomBook } from './moderation.ts';
import type { Actor } from './rights.ts';
import { hashPassword } from './secrets.ts';
import type { RoomStore } from './store.ts';

/** What may be done to one room's records: by its members, and in the same way by the API. */
export interface Governor {
  bans(): Ban[];
  /** @throws AmphiError `not-found` */
  unban(actor: Actor, id: string): void;
  /** Changes the durable policy, and the live room's wherever that is. Answers what it is now. */
  setPolicy(actor: Actor, patch: PolicyPatch): Promise<RoomPolicy>;
  audit(options: { before?: number | undefined; limit: number }): AuditEntry[];
}

export type GovernorOptions = {
  roomId: string;
  store: RoomStore;
  book: RoomBook;
  /** The record has changed. */
  changed(): Promise<void>;
};

export function createGovernor({ roomId, store, book, changed }: GovernorOptions): Governor {
  return {
    bans: () => store.bans.list(roomId),

    unban(actor, id) {
      const name = store.bans.list(roomId).find((ban) => ban.id === id)?.name ?? '';
      if (!store.bans.remove(roomId, id)) throw new AmphiError('not-found', 'no such ban in this room', { path: 'id' });
      book.note(actor, 'moderate.unban', { identity: id, name });
    },

    async setPolicy(actor, { password, ...patch }) {
      const hash = typeof password === 'string' ? await hashPassword(password) : password;
      const record = store.get(roomId);
      if (!record) throw new AmphiError('room-not-found', 'the room is gone');
      const passwordHash = hash === undefined ? record.passwordHash : hash;
      const policy = { ...record.policy, ...definedOf(patch), password: passwordHash !== null };
      store.setPolicy(roomId, policy, passwordHash);
      // The password itself is nobody's business.
      const details = { ...patch, ...(password === undefined ? {} : { password: passwordHash !== null }) };
      book.note(actor, 'room.setPolicy', undefined, details);
      await changed();
      return policy;
    },

    audit: (options) => store.audit.list(roomId, options),
  };
}

/** What a room's moderation writes, kept in the store. */
export function createBook(roomId: string, store: RoomStore, clock: Clock): RoomBook {
  return {
    note(actor, action, target, details) {
      store.audit.add({
        roomId,
        at: clock.now(),
        actor: actor.identity,
        actorName: actor.name,
        actorRole: actor.role,
        action,
        target: target?.identity,
        targetName: target?.name,
        details,
      });
    },
    grant: (identity, role, exceptions) => store.grants.set(roomId, identity, role, exceptions, clock.now()),
    revoke: (identity) => store.grants.revoke(roomId, identity, clock.now()),
    ban: (person, by) => store.bans.add({ roomId, ...person, by, at: clock.now() }),
  };
}

function definedOf<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Partial<T>;
}
