import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { AmphiError } from '@amphi/protocol';
import { type ApiKey, type Scope, SCOPES } from '@amphi/protocol/api';
import type { Actor } from '@amphi/rooms';
import { newId } from '../new-id.ts';
import type { KeyTable } from '../store/keys.ts';

/** Whoever holds a key, for one request. */
export type Caller = {
  /** `key:…`, as the audit log has it. */
  id: string;
  name: string;
  scopes: readonly Scope[];
  /** The caller as one who does something to others. */
  actor: Actor;
};

/** The API keys of this server: made, told once, kept hashed, revoked. */
export interface ApiKeys {
  /** Whom a key belongs to. @throws AmphiError `unauthorized` */
  verify(key: string): Caller;
  /** Makes a key. @throws AmphiError `forbidden` for scopes that the caller has not. */
  create(
    caller: Caller,
    options: { name: string; scopes: readonly Scope[]; days?: number | undefined },
  ): ApiKey & { key: string };
  list(): ApiKey[];
  /** Answers what it was called. @throws AmphiError `not-found` */
  revoke(id: string): string;
}

const PREFIX = 'amphi_';
const DAY_MS = 24 * 60 * 60 * 1000;
/** Use is written down at most this often. */
const USE_MS = 60 * 1000;

/** A key of 256 random bits; the prefix lets scanners of leaked secrets know it. */
export function newApiKey(): string {
  return PREFIX + randomBytes(32).toString('base64url');
}

/** @param adminKey the key of this machine's own command line, good for everything. */
export function createApiKeys(table: KeyTable, adminKey: string, now: () => number = Date.now): ApiKeys {
  const adminHash = hashOf(adminKey);

  return {
    verify(key) {
      const hash = hashOf(key);
      if (timingSafeEqual(Buffer.from(hash), Buffer.from(adminHash))) return callerOf('admin', 'admin', SCOPES);
      const known = table.byHash(hash);
      const at = now();
      if (!known || (known.expiresAt !== null && known.expiresAt <= at)) throw unknown();
      if (known.usedAt === null || at - known.usedAt >= USE_MS) table.setUsed(known.id, at);
      return callerOf(known.id, known.name, known.scopes);
    },

    create(caller, { name, scopes, days }) {
      const beyond = scopes.filter((scope) => !caller.scopes.includes(scope));
      if (beyond.length > 0) {
        throw new AmphiError('forbidden', `your key is not good for ${beyond.join(', ')} itself`, { path: 'scopes' });
      }
      const key = newApiKey();
      const createdAt = now();
      const made: ApiKey = {
        id: newId(),
        name,
        scopes: [...new Set(scopes)],
        createdAt,
        createdBy: caller.id,
        usedAt: null,
        expiresAt: days === undefined ? null : createdAt + days * DAY_MS,
      };
      table.insert({ ...made, hash: hashOf(key) });
      return { ...made, key };
    },

    list: () => table.list(),

    revoke(id) {
      const name = table.list().find((key) => key.id === id)?.name;
      if (name === undefined || !table.delete(id)) throw new AmphiError('not-found', 'there is no such key');
      return name;
    },
  };
}

/** The key is random, so one round is enough; and a lookup by it takes no time that tells anything about the key. */
function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}

function callerOf(id: string, name: string, scopes: readonly Scope[]): Caller {
  const identity = `key:${id}`;
  return { id: identity, name, scopes, actor: { identity, name, role: 'host', isServer: true } };
}

function unknown(): AmphiError {
  return new AmphiError('unauthorized', 'the API key is unknown, revoked or expired');
}
