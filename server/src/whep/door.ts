import { AmphiError } from '@amphi/protocol';
import {
  admissionOf,
  type Guesses,
  identify,
  isPassword,
  noSuchRoom,
  type Passes,
  type RoomDirectory,
  type RoomStore,
} from '@amphi/rooms';

export type DoorOptions = {
  directory: RoomDirectory;
  store: RoomStore;
  passes: Passes;
  /** Keys what is kept of network addresses. */
  key: Buffer;
  guesses: Guesses;
};

/** Who plays, as the room knows its members. */
export type PlayerIdentity = { identity: string; address: string };

/**
 * Lets a player in as one of the audience. An event with a password wants a bearer: a token of the room, or the password
 * itself. Rejects with `room-not-found` where nobody is to know of the room, `unauthorized`, `rate-limited`.
 */
export async function enter(
  roomId: string,
  bearer: string | undefined,
  address: string,
  { directory, guesses, ...options }: DoorOptions,
): Promise<PlayerIdentity> {
  return guesses.watch(address, async () => {
    const record = directory.lookup(roomId);
    const token = bearer !== undefined && isToken(bearer) ? bearer : undefined;
    const person = await identify(record, { token, audience: true }, address, options);
    const admission = admissionOf(record, person);
    if (admission === 'closed') throw noSuchRoom();
    if (admission !== 'open' && !(await opens(record.passwordHash))) {
      throw new AmphiError('unauthorized', 'this event wants its password, or a token, as bearer');
    }
    return { identity: person.identity, address: person.address };
  });

  async function opens(kept: string | null): Promise<boolean> {
    if (kept === null) return true;
    return bearer !== undefined && guesses.one(address, () => isPassword(bearer, kept));
  }
}

/** A JWT in its compact form (RFC 7515, 3.1). */
function isToken(bearer: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(bearer);
}
