import type { Exceptions, PersonRole } from '@amphi/protocol';

/** What a token says of the person who carries it: made by the API for other sites' users, or by the server on a join. */
export type PassClaims = {
  /** The only room that it is good for. */
  room: string;
  role: PersonRole;
  /** `user:<sub>` where another site vouches for the person, else `guest:<uuid>`. */
  identity: string;
  /** What the person is called, where the token says so. */
  name?: string | undefined;
  exceptions: Exceptions;
  /**
   * `token`: lobby and password are not asked. `pass`: the person was in the room before, so neither is the lock.
   * `account`: says only who it is; the room takes the person as a guest.
   */
  kind: 'token' | 'pass' | 'account';
  /** Milliseconds since the epoch; filled in by {@link Passes.verify}. */
  issuedAt?: number | undefined;
};

/** Signs and checks tokens. The server implements it; rooms know no keys. */
export interface Passes {
  issue(claims: PassClaims): Promise<string>;
  /** Rejects with `unauthorized`. */
  verify(token: string): Promise<PassClaims>;
}
