import { AmphiError, type AuditEntry, type Ban, type PolicyPatch, type RoomPolicy } from '@amphi/protocol';
import type { Clock } from './clock.ts';
import type { Member } from './member.ts';
import type { RoomBook } from './moderation.ts';
import type { Actor } from './rights.ts';
import { hashPassword } from './secrets.ts';
import type { RoomStore } from './store.ts';
import type { StreamKey } from './stream-keys.ts';

/** What may be done to one room's records: by its members, and in the same way by the API. */
export interface Governor {
  bans(): Ban[];
  /** Bans somebody by identity, whether in the room or not. */
  ban(actor: Actor, person: { identity: string; name: string }): Ban;
  /** @throws AmphiError `not-found` */
  unban(actor: Actor, id: string): void;
  /** Changes the durable policy, and the live room's wherever that is. Answers what it is now. */
  setPolicy(actor: Actor, patch: PolicyPatch & Partial<Pick<RoomPolicy, 'audience'>>): Promise<RoomPolicy>;
  audit(options: { before?: number | undefined; limit: number }): AuditEntry[];
  streamKeys(): StreamKey[];
  /** Makes a key for a program that publishes; it is told here and never again. */
  createStreamKey(actor: Actor, name: string): { id: string; key: string };
  /** The key's new secret; who publishes with the old one is put out. @throws AmphiError `not-found` */
  rotateStreamKey(actor: Actor, id: string): Promise<string>;
  /** @throws AmphiError `not-found` */
  revokeStreamKey(actor: Actor, id: string): Promise<void>;
}

export type GovernorOptions = {
  roomId: string;
  store: RoomStore;
  book: RoomBook;
  clock: Clock;
  /** Who of the room is there under this identity. */
  membersOf(identity: string): readonly Pick<Member, 'end'>[];
  /** The record has changed. */
  changed(): Promise<void>;
  /** A stream key is void. */
  keyGone(keyId: string): Promise<void>;
};

export function createGovernor(options: GovernorOptions): Governor {
  const { roomId, store, book, clock, membersOf, changed, keyGone } = options;
  const keyName = (id: string): string => store.streamKeys.list(roomId).find((key) => key.id === id)?.name ?? '';
  return {
    bans: () => store.bans.list(roomId),

    ban(actor, { identity, name }) {
      book.revoke(identity);
      const ban = book.ban({ identity, name, address: null }, actor.name);
      book.note(actor, 'moderate.ban', { identity, name });
      for (const member of membersOf(identity)) member.end('banned');
      return ban;
    },

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

    audit: (filter) => store.audit.list(roomId, filter),

    streamKeys: () => store.streamKeys.list(roomId),

    createStreamKey(actor, name) {
      const made = store.streamKeys.create(roomId, name, clock.now());
      book.note(actor, 'live.createKey', { identity: made.id, name });
      return made;
    },

    async rotateStreamKey(actor, id) {
      const key = store.streamKeys.rotate(roomId, id, clock.now());
      if (key === undefined) throw noSuchKey();
      book.note(actor, 'live.rotateKey', { identity: id, name: keyName(id) });
      await keyGone(id);
      return key;
    },

    async revokeStreamKey(actor, id) {
      const name = keyName(id);
      if (!store.streamKeys.revoke(roomId, id)) throw noSuchKey();
      book.note(actor, 'live.revokeKey', { identity: id, name });
      await keyGone(id);
    },
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

function noSuchKey(): AmphiError {
  return new AmphiError('not-found', 'no such stream key in this room', { path: 'id' });
}

function definedOf<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Partial<T>;
}
