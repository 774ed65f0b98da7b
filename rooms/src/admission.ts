import { type Admission, AmphiError, type Exceptions, NO_EXCEPTIONS, type PersonRole, roleMay } from '@amphi/protocol';
import type { PassClaims, Passes } from './passes.ts';
import { hostKeyHash, sameText } from './secrets.ts';
import type { RoomRecord, RoomStore } from './store.ts';
import { tokenHash } from './tokens.ts';

/** What somebody shows at the door. */
export type Credentials = {
  token?: string | undefined;
  hostKey?: string | undefined;
  guest?: string | undefined;
  /** By the watch link. */
  audience?: boolean | undefined;
};

/** Who somebody is, as the server knows it; nothing of it comes from a message. */
export type Person = {
  /** `user:<sub>` by a token of the API, else `guest:…`, of which nothing can be derived. */
  identity: string;
  role: PersonRole;
  exceptions: Exceptions;
  /** By the token, where it says so. */
  name?: string | undefined;
  /** `pass`: was let in before. */
  kind: 'guest' | 'host-link' | 'token' | 'pass';
  /** Came by the watch link. */
  audience?: boolean;
  /** A keyed hash of the network address. */
  address: string;
};

export type IdentifyOptions = { store: RoomStore; passes: Passes; key: Buffer };

/** One answer for a room that there is not and one that lets somebody not in. */
export function noSuchRoom(): AmphiError {
  return new AmphiError('room-not-found', 'there is no such room, or you may not enter it');
}

/**
 * Finds out who somebody is in a room. Rejects with `unauthorized` for a token that is not valid here, with
 * `room-not-found` for a wrong host key or somebody who is banned.
 */
export async function identify(
  record: RoomRecord,
  credentials: Credentials,
  address: string,
  { store, passes, key }: IdentifyOptions,
): Promise<Person> {
  const claims = credentials.token === undefined ? undefined : await passes.verify(credentials.token);
  if (claims && claims.room !== record.id) throw new AmphiError('unauthorized', 'the token is for another room');
  const guest = credentials.guest ?? crypto.randomUUID();
  const identity = claims?.identity ?? `guest:${tokenHash(guest, key).slice(0, 22)}`;
  const addressHash = tokenHash(address, key).slice(0, 22);
  const isGuest = identity.startsWith('guest:');

  if (credentials.hostKey !== undefined) {
    const isHost = record.hostKeyHash !== null && sameText(hostKeyHash(credentials.hostKey), record.hostKeyHash);
    if (!isHost) throw noSuchRoom();
    return {
      identity,
      role: 'host',
      exceptions: NO_EXCEPTIONS,
      name: claims?.name,
      kind: 'host-link',
      address: addressHash,
    };
  }
  if (store.bans.has(record.id, identity, isGuest ? addressHash : null)) throw noSuchRoom();
  const audience = credentials.audience === true;
  if (audience && claims === undefined) {
    return { identity, address: addressHash, role: 'viewer', exceptions: NO_EXCEPTIONS, kind: 'guest', audience };
  }
  return { identity, address: addressHash, audience, ...standing(record, identity, claims, store) };
}

/** Role and rights: by what is newer, the token or what moderators decided; for guests as the room has it. */
function standing(
  record: RoomRecord,
  identity: string,
  claims: PassClaims | undefined,
  store: RoomStore,
): Pick<Person, 'role' | 'exceptions' | 'name' | 'kind'> {
  const grant = store.grants.get(record.id, identity);
  const issuedAt = claims?.issuedAt ?? 0;
  const decided = grant && issuedAt <= grant.grantedAt ? grant : undefined;
  // Who was put out comes back only as anybody does, until a new token says otherwise.
  const isVoid = grant !== undefined && issuedAt <= grant.passesAfter;
  const kind = claims === undefined || isVoid || claims.kind === 'account' ? 'guest' : claims.kind;
  const given = kind === 'guest' ? undefined : claims;
  return {
    role: decided?.role ?? given?.role ?? record.policy.guestRole,
    exceptions: decided?.exceptions ?? given?.exceptions ?? NO_EXCEPTIONS,
    name: claims?.name,
    kind,
  };
}

/** What stands between a person and a room; `closed` lets nobody know that there is one. */
export function admissionOf(record: Pick<RoomRecord, 'policy' | 'passwordHash'>, person: Person): Admission | 'closed' {
  const { policy, passwordHash } = record;
  if (person.audience === true && policy.audience === 'off') return 'closed';
  if (person.kind === 'pass' || person.kind === 'host-link' || roleMay(person.role, 'admit')) return 'open';
  // A lobby and a lock are for the call.
  if (person.audience === true) return passwordHash === null ? 'open' : 'password';
  if (policy.locked) return 'closed';
  if (person.kind === 'token') return 'open';
  if (policy.lobby) return 'lobby';
  return passwordHash === null ? 'open' : 'password';
}
