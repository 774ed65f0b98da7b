import type { Logger } from '@amphi/rooms';
import { drawName, type NameOptions, type NamePicture } from './name-picture.ts';

/** So many names are kept drawn: people come, tiles change their size. */
const MAX_KEPT = 200;

/** Names as they are drawn on tiles: each is drawn once, and there a moment after it is first asked for. */
export class Names {
  readonly #ffmpeg: string;
  readonly #logger: Logger;
  readonly #onDrawn: () => void;
  /** Undefined while it is drawn, or cannot be. */
  readonly #drawn = new Map<string, NamePicture | undefined>();
  #last: Promise<void> = Promise.resolve();

  constructor(ffmpeg: string, logger: Logger, onDrawn: () => void) {
    this.#ffmpeg = ffmpeg;
    this.#logger = logger;
    this.#onDrawn = onDrawn;
  }

  of(options: NameOptions): NamePicture | undefined {
    const key = JSON.stringify(options);
    if (!this.#drawn.has(key)) {
      this.#drawn.set(key, undefined);
      // One after another: a full room that comes at once must not start an ffmpeg for each.
      this.#last = this.#last.then(() => this.#draw(key, options));
      for (const old of this.#drawn.keys()) {
        if (this.#drawn.size <= MAX_KEPT) break;
        this.#drawn.delete(old);
      }
    }
    return this.#drawn.get(key);
  }

  async #draw(key: string, options: NameOptions): Promise<void> {
    try {
      const picture = await drawName(this.#ffmpeg, options);
      if (!this.#drawn.has(key)) return;
      this.#drawn.set(key, picture);
      this.#onDrawn();
    } catch (error) {
      this.#logger.warn({ reason: String(error) }, 'a name cannot be written on its tile');
    }
  }
}
