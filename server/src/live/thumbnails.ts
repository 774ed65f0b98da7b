import { createHash } from 'node:crypto';
import { type HlsStream, Slots, THUMBNAIL, type ThumbnailMaker } from '@amphi/egress';
import type { Logger } from '@amphi/rooms';

/** So long a picture is shown until there is another one, in milliseconds. */
export const THUMBNAIL_EVERY_MS = 10_000;
/** Pictures that are made at once; the others wait. */
const AT_ONCE = 2;
/** Where more wait, there is none this time. */
const MAX_WAITING = 50;

export type Thumbnail = { bytes: Buffer; etag: string; madeAt: number };
type Known = { last: Thumbnail | undefined; making: Promise<void> | undefined; triedAt: number };
type Source = Pick<HlsStream, 'state' | 'newestStart'>;

/**
 * Small pictures of what is live, from its key frames. They are made when somebody asks, at most one each ten seconds for
 * a stream, however many ask.
 */
export class Thumbnails {
  readonly #make: ThumbnailMaker;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #known = new WeakMap<Source, Known>();
  readonly #slots = new Slots(AT_ONCE);

  constructor({ make, logger, now = Date.now }: { make: ThumbnailMaker; logger: Logger; now?: () => number }) {
    this.#make = make;
    this.#logger = logger;
    this.#now = now;
  }

  /** The picture of a stream; undefined where it is not live, or nothing can be made of it. */
  async of(stream: Source): Promise<Thumbnail | undefined> {
    if (stream.state !== 'live') return undefined;
    const known = this.#known.get(stream) ?? { last: undefined, making: undefined, triedAt: -Infinity };
    this.#known.set(stream, known);
    if (this.#now() - known.triedAt >= THUMBNAIL_EVERY_MS) {
      known.triedAt = this.#now();
      known.making = this.#renew(stream, known).finally(() => (known.making = undefined));
    }
    await known.making;
    return known.last;
  }

  async #renew(stream: Source, known: Known): Promise<void> {
    const start = stream.newestStart(THUMBNAIL.height);
    if (!start || this.#slots.waiting >= MAX_WAITING) {
      known.triedAt = -Infinity;
      return;
    }
    try {
      const bytes = await this.#slots.run(() => this.#make(start));
      const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 16)}"`;
      known.last = { bytes, etag, madeAt: this.#now() };
    } catch (error) {
      // The last one is shown on.
      this.#logger.warn({ err: error }, 'there is no thumbnail of a live event');
    }
  }
}
