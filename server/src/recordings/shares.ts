import { createHash, randomBytes } from 'node:crypto';
import { AmphiError } from '@amphi/protocol';
import type { ApiShare } from '@amphi/protocol/api';
import { type GuessLimit, Guesses, hashPassword, isPassword, sameText } from '@amphi/rooms';
import { newId } from '../new-id.ts';
import type { ShareRow, ShareTable } from '../store/shares.ts';

export type NewShare = {
  recordingId: string;
  days: number;
  password?: string | undefined;
  tracks: boolean;
  by: string;
};

/** Links by which strangers see one recording: made, told once, kept hashed, good until they expire or are revoked. */
export interface Shares {
  /** `secret` opens it, and is told here and never again. Rejects with `wrong-state` for too many of one recording. */
  create(share: NewShare): Promise<{ share: ApiShare; secret: string }>;
  /** Those that are good now, the latest first. */
  list(recordingId: string): ApiShare[];
  /** @throws AmphiError `not-found` */
  revoke(recordingId: string, id: string): void;
  /** The recording is gone. */
  forget(recordingId: string): void;
  isGood(id: string, recordingId: string): boolean;
  /**
   * What a link leads to. Rejects with `not-found` for a link that is wrong or no longer good, `password` where that is
   * missing or wrong, `rate-limited` after too many wrong guesses from this address.
   */
  open(id: string, given: { secret: string; password?: string | undefined }, address: string): Promise<ShareRow>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const MOST = 100;

export function createShares(table: ShareTable, limit: GuessLimit, now: () => number = Date.now): Shares {
  const guesses = new Guesses(limit);

  function good(id: string): ShareRow | undefined {
    const share = table.get(id);
    return share && share.expiresAt > now() ? share : undefined;
  }

  return {
    async create({ recordingId, days, password, tracks, by }) {
      const at = now();
      table.deleteExpired(at);
      if (table.list(recordingId).length >= MOST) {
        throw new AmphiError('wrong-state', `this recording is shared ${MOST} times already: revoke one first`);
      }
      const secret = randomBytes(24).toString('base64url');
      const row: ShareRow = {
        ...{ id: newId(), recordingId, tracks, createdAt: at, createdBy: by, openedAt: null },
        secretHash: hashOf(secret),
        passwordHash: password === undefined ? null : await hashPassword(password),
        expiresAt: at + days * DAY_MS,
      };
      table.insert(row);
      return { share: shown(row), secret };
    },

    list: (recordingId) =>
      table
        .list(recordingId)
        .filter(({ expiresAt }) => expiresAt > now())
        .map(shown),

    revoke(recordingId, id) {
      if (!table.delete(recordingId, id)) throw new AmphiError('not-found', 'this recording has no such share');
    },

    forget: (recordingId) => table.deleteOf(recordingId),

    isGood: (id, recordingId) => good(id)?.recordingId === recordingId,

    async open(id, { secret, password }, address) {
      await limit.check(address);
      const share = good(id);
      if (!sameText(hashOf(secret), share?.secretHash ?? hashOf('')) || !share) {
        await limit.failed(address);
        throw noSuchShare();
      }
      const { passwordHash } = share;
      if (passwordHash !== null) {
        if (password === undefined) throw new AmphiError('password', 'this recording is shared with a password');
        const isRight = await guesses.one(address, () => isPassword(password, passwordHash));
        if (!isRight) throw new AmphiError('password', 'that is not the password', { path: 'password' });
      }
      table.setOpened(id, now());
      return share;
    },
  };
}

/** One answer for a link that never was good, was revoked or has expired, and for a recording that is gone. */
export function noSuchShare(): AmphiError {
  return new AmphiError(
    'not-found',
    'this link is no longer good: it was revoked, has expired, or its recording is gone',
  );
}

/** The secret is random, so one round is enough. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

function shown({ id, createdAt, createdBy, expiresAt, passwordHash, tracks, openedAt }: ShareRow): ApiShare {
  return { id, createdAt, createdBy, expiresAt, password: passwordHash !== null, tracks, openedAt };
}
