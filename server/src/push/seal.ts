import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deriveKey } from '../derive-key.ts';

/** Keeps secrets of rooms encrypted, so that whoever gets at the database alone, or a copy of it, does not have them. */
export interface KeySeal {
  close(roomId: string, secret: string): string;
  /** Undefined for what was closed with another key, for another room, or is damaged. */
  open(roomId: string, sealed: string): string | undefined;
}

const ALGORITHM = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;

/** @param secret of the installation; what is sealed here is nothing to whatever else uses it */
export function createKeySeal(secret: Buffer): KeySeal {
  const key = deriveKey(secret, 'amphi push keys');

  return {
    close(roomId, text) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(roomId));
      const closed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), closed]).toString('base64url');
    },
    open(roomId, sealed) {
      const data = Buffer.from(sealed, 'base64url');
      if (data.length < NONCE + TAG) return undefined;
      try {
        const decipher = createDecipheriv(ALGORITHM, key, data.subarray(0, NONCE), { authTagLength: TAG })
          .setAAD(Buffer.from(roomId))
          .setAuthTag(data.subarray(NONCE, NONCE + TAG));
        return Buffer.concat([decipher.update(data.subarray(NONCE + TAG)), decipher.final()]).toString();
      } catch {
        return undefined;
      }
    },
  };
}
