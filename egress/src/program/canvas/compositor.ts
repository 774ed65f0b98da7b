import type { Rect } from '../../compose/layout.ts';
import type { Logger } from '@amphi/rooms';
import { CanvasEncoder } from './canvas-encoder.ts';
import { RawPicture } from './raw-picture.ts';
import { TileDecoder, type TileFrame } from './tile-decoder.ts';

/** How late a tile's picture is on the canvas, at first, and the most that is believed. */
const FIRST_LAG_US = 60_000;
const MAX_LAG_US = 500_000;
/** How fast the estimate follows: down faster, for decoders that begin are behind for a moment. */
const LAG_RISE = 0.02;
const LAG_FALL = 0.06;

export type TilePlace = { id: string; rect: Rect };

export type CompositorOptions = {
  ffmpeg: string;
  width: number;
  height: number;
  frameRate: number;
  bitrate: number;
  /** The time on the clock of the program, in microseconds. */
  nowUs(): number;
  /** A tile begins or is lost: its source is to be asked for a key frame. */
  onNeedsKeyFrame(id: string): void;
  onConfig(config: Buffer): void;
  onFrame(frame: { timeUs: number; keyFrame: boolean; data: Buffer }): void;
  onFailure(failures: number): void;
  logger: Logger;
};

type Tile = { rect: Rect; decoder: TileDecoder | undefined; next: TileDecoder | undefined; picture?: RawPicture };

/**
 * Decodes the pictures on stage, puts them together in their places and encodes the whole, at a steady rate. Who comes, goes
 * or changes place does so between two pictures: the encoder never ends for it.
 */
export class Compositor {
  readonly #options: CompositorOptions;
  readonly #encoder: CanvasEncoder;
  readonly #tiles = new Map<string, Tile>();
  #canvas: RawPicture;
  #isChanged = true;
  #lagUs = FIRST_LAG_US;
  #lastUs = -1;
  readonly #startedAt = performance.now();
  #ticks = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CompositorOptions) {
    this.#options = options;
    const { width, height } = options;
    this.#canvas = new RawPicture(width, height);
    this.#encoder = new CanvasEncoder(options);
    this.#schedule();
  }

  /** Shows these, in these places, and nothing else. */
  place(places: readonly TilePlace[]): void {
    const wanted = new Set(places.map(({ id }) => id));
    for (const [id, tile] of this.#tiles) {
      if (wanted.has(id)) continue;
      tile.decoder?.close();
      tile.next?.close();
      this.#tiles.delete(id);
    }
    for (const { id, rect } of places) {
      const tile = this.#tiles.get(id);
      if (!tile) this.#tiles.set(id, { rect, decoder: undefined, next: undefined });
      else if (tile.rect.width !== rect.width || tile.rect.height !== rect.height) this.#resize(id, tile, rect);
      else tile.rect = rect;
    }
    this.#isChanged = true;
  }

  push(id: string, frame: TileFrame): void {
    const tile = this.#tiles.get(id);
    if (!tile) return;
    const newest = tile.next ?? tile.decoder;
    if (newest?.codec !== frame.codec) {
      tile.next?.close();
      tile.next = this.#open(id, tile, frame.codec);
      if (!frame.keyFrame) this.#options.onNeedsKeyFrame(id);
    }
    tile.next?.push(frame);
    tile.decoder?.push(frame);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.place([]);
    this.#encoder.close();
  }

  /** What is decoded for the old size is shown, scaled, until there is something of the new one. */
  #resize(id: string, tile: Tile, rect: Rect): void {
    tile.rect = rect;
    tile.next?.close();
    tile.next = tile.decoder && this.#open(id, tile, tile.decoder.codec);
    this.#options.onNeedsKeyFrame(id);
  }

  #open(id: string, tile: Tile, codec: TileFrame['codec']): TileDecoder {
    const { ffmpeg, logger, onNeedsKeyFrame } = this.#options;
    const { width, height } = tile.rect;
    const decoder: TileDecoder = new TileDecoder({
      ...{ ffmpeg, codec, width, height, logger },
      onLost: () => onNeedsKeyFrame(id),
      onPicture: (picture, timeUs) => {
        if (tile.next === decoder) {
          tile.decoder?.close();
          tile.decoder = decoder;
          tile.next = undefined;
        }
        if (tile.decoder !== decoder) return;
        tile.picture = picture;
        this.#isChanged = true;
        const lag = Math.min(MAX_LAG_US, Math.max(0, this.#options.nowUs() - timeUs));
        this.#lagUs += (lag - this.#lagUs) * (lag < this.#lagUs ? LAG_FALL : LAG_RISE);
      },
    });
    return decoder;
  }

  #schedule(): void {
    const period = 1000 / this.#options.frameRate;
    // A clock that was held up does not hurry after it: times say when a picture was.
    this.#ticks = Math.max(this.#ticks + 1, Math.floor((performance.now() - this.#startedAt) / period));
    const dueAt = this.#startedAt + this.#ticks * period;
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, dueAt - performance.now()));
  }

  #tick(): void {
    const { nowUs, width, height } = this.#options;
    if (this.#isChanged) {
      this.#isChanged = false;
      this.#canvas = new RawPicture(width, height, Buffer.allocUnsafe(RawPicture.sizeOf(width, height)));
      this.#canvas.clear();
      for (const { picture, rect } of this.#tiles.values()) if (picture) this.#canvas.draw(picture, rect);
    }
    this.#lastUs = Math.max(this.#lastUs + 1, Math.round(nowUs() - this.#lagUs));
    this.#encoder.push(this.#canvas, this.#lastUs);
    this.#schedule();
  }
}
