import { createHmac } from 'node:crypto';
import { sameText } from '@amphi/rooms';

const LINK_MS = 15 * 60_000;
const FILE = /^[a-z0-9-]+\.(?:webm|mp4|jpg)$/;

export type LinkQuery = {
  expires: string;
  signature: string;
  /** The share that it was given out for, and with which it ends. */
  share?: string | undefined;
};

/** Paths with a signature that are good for some minutes, each for one file. */
export interface Links {
  make(id: string, file: string, share?: string): { path: string; expiresAt: number };
  isGood(id: string, file: string, query: LinkQuery): boolean;
}

export function createLinks(key: Buffer, now: () => number): Links {
  const sign = (id: string, file: string, expires: string, share = '') =>
    createHmac('sha256', key).update(['recording', id, file, expires, share].join('\n')).digest('base64url');

  return {
    make(id, file, share) {
      const expiresAt = now() + LINK_MS;
      const query = new URLSearchParams({
        expires: `${expiresAt}`,
        ...(share === undefined ? {} : { share }),
        signature: sign(id, file, `${expiresAt}`, share),
      });
      return { path: `/recordings/${id}/${file}?${query}`, expiresAt };
    },

    isGood(id, file, { expires, signature, share }) {
      if (!FILE.test(file)) return false;
      return sameText(signature, sign(id, file, expires, share)) && Number(expires) > now();
    },
  };
}
