import { randomBytes } from 'node:crypto';
import { COVER_KEY, type Cover, type LiveCovers, MAX_COVER_BYTES } from '@amphi/features/live/server.ts';
import { AmphiError } from '@amphi/protocol';
import type { Clock, FeatureValues } from '@amphi/rooms';
import { imageType } from './image-type.ts';

/** How long a picture is waited for. */
const EXPECT_MS = 5 * 60_000;
/** Pictures that are waited for at once; the oldest is given up. */
const MOST_EXPECTED = 1000;

/** The pictures of events: taken over HTTP once, kept with what the feature keeps of the room, and so gone with it. */
export interface Covers extends LiveCovers {
  /** @throws AmphiError `not-found` where none is waited for, `too-large`, `bad-request` for what is no picture */
  put(ticket: string, bytes: Buffer): void;
  get(roomId: string, version: string): { type: Cover['type']; bytes: Buffer } | undefined;
}

export function createCovers(options: { values: FeatureValues; clock: Clock }): Covers {
  const { values, clock } = options;
  const expected = new Map<string, { until: number; take(cover: Cover): void }>();

  return {
    expect(_roomId, take) {
      const [oldest] = expected.keys();
      if (oldest !== undefined && expected.size >= MOST_EXPECTED) expected.delete(oldest);
      const ticket = randomBytes(16).toString('base64url');
      expected.set(ticket, { until: clock.now() + EXPECT_MS, take });
      return `/covers/new/${ticket}`;
    },

    path: (roomId, version) => `/covers/${encodeURIComponent(roomId)}/${version}`,

    put(ticket, bytes) {
      const waiting = expected.get(ticket);
      if (!waiting || waiting.until < clock.now()) {
        expected.delete(ticket);
        throw new AmphiError('not-found', 'no picture is waited for here, or not any more: ask for another address');
      }
      if (bytes.length > MAX_COVER_BYTES) {
        throw new AmphiError('too-large', `a picture may have at most ${MAX_COVER_BYTES / 1024} KB`);
      }
      const type = imageType(bytes);
      if (!type) throw new AmphiError('bad-request', 'this is no picture: it has to be PNG, JPEG or WebP');
      expected.delete(ticket);
      waiting.take({ version: randomBytes(16).toString('base64url'), type, data: bytes.toString('base64') });
    },

    get(roomId, version) {
      const cover = values.get(roomId, 'live', COVER_KEY) as Cover | undefined;
      if (cover?.version !== version) return undefined;
      return { type: cover.type, bytes: Buffer.from(cover.data, 'base64') };
    },
  };
}
