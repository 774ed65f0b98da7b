import { createHmac, randomBytes } from 'node:crypto';

/** A resume token: 256 random bits, as 43 characters of base64url. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** An id for a session, of 96 random bits; in hex, so that on a command line it is never taken for an option. */
export function newSessionId(): string {
  return randomBytes(12).toString('hex');
}

/**
 * What is kept and looked up in place of a token. Keyed, so that whoever reads the cluster's shared state can neither
 * resume a session nor try tokens; and a lookup by it takes no time that tells anything about the token.
 */
export function tokenHash(token: string, key: Buffer): string {
  return createHmac('sha256', key).update(token).digest('base64url');
}
