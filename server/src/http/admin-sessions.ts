import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Who is signed in as admin. In memory: a restart signs everybody out. */
export interface AdminSessions {
  readonly lifetimeSeconds: number;
  /** A token for a new session, or undefined when this is not the secret. */
  begin(secret: string): string | undefined;
  knows(token: string | undefined): boolean;
  end(token: string | undefined): void;
}

const LIFETIME_MS = 12 * 60 * 60 * 1000;
/** Somebody who signs in again and again ends the oldest sessions. */
const MAX_SESSIONS = 20;

export function createAdminSessions(secret: string, now: () => number = Date.now): AdminSessions {
  const wanted = hash(secret);
  /** By the hash of the token, until when. */
  const open = new Map<string, number>();

  return {
    lifetimeSeconds: LIFETIME_MS / 1000,

    begin(guess) {
      if (!timingSafeEqual(hash(guess), wanted)) return undefined;
      const [oldest] = open.keys();
      if (open.size >= MAX_SESSIONS && oldest !== undefined) open.delete(oldest);
      const token = randomBytes(32).toString('base64url');
      open.set(hash(token).toString('hex'), now() + LIFETIME_MS);
      return token;
    },

    knows(token) {
      if (token === undefined) return false;
      const key = hash(token).toString('hex');
      const until = open.get(key);
      if (until === undefined || until > now()) return until !== undefined;
      open.delete(key);
      return false;
    },

    end(token) {
      if (token !== undefined) open.delete(hash(token).toString('hex'));
    },
  };
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
