import type { Logger } from '@amphi/rooms';
import type { RawPicture } from './raw-picture.ts';
import { TileDecoder, type TileFrame } from './tile-decoder.ts';

/** More pictures do not wait for their time: whatever says it is wrong by seconds. */
const MAX_WAITING = 90;

export type TileOptions = {
  ffmpeg: string;
  width: number;
  height: number;
  /** It can only begin, or go on, with a key frame. */
  onNeedsKeyFrame(): void;
  /** A picture was decoded. */
  onPicture(timeUs: number): void;
  logger: Logger;
};

/** The pictures of one source on a canvas: decoded to the size of its tile, and shown when it is their time. */
export class Tile {
  readonly #options: TileOptions;
  #size: { width: number; height: number };
  #decoder: TileDecoder | undefined;
  /** Takes over with its first picture. */
  #next: TileDecoder | undefined;
  /** Not decoded yet: pictures take a hundred times the room. */
  #coded: TileFrame[] = [];
  #waiting: { picture: RawPicture; timeUs: number }[] = [];
  #picture: RawPicture | undefined;

  constructor(options: TileOptions) {
    this.#options = options;
    this.#size = options;
  }

  /** What is to be seen; undefined before the first picture. */
  get picture(): RawPicture | undefined {
    return this.#picture;
  }

  /** Takes a coded picture; it is decoded by {@link feed}. */
  push(frame: TileFrame): void {
    this.#coded.push(frame);
    // It takes its time to start, while what it is to decode waits.
    if (!this.#decoder && !this.#next) this.#begin(frame.codec);
  }

  /** Decodes what was before this time. */
  feed(untilUs: number): void {
    const due = this.#coded.findIndex(({ timeUs }) => timeUs > untilUs);
    for (const frame of this.#coded.splice(0, due < 0 ? this.#coded.length : due)) this.#decode(frame);
  }

  #decode(frame: TileFrame): void {
    const newest = this.#next ?? this.#decoder;
    if (newest?.codec !== frame.codec) {
      this.#begin(frame.codec);
      if (!frame.keyFrame) this.#options.onNeedsKeyFrame();
    }
    this.#next?.push(frame);
    this.#decoder?.push(frame);
  }

  /** What is decoded for the old size is shown, scaled, until there is something of the new one. */
  resize({ width, height }: { width: number; height: number }): void {
    if (width === this.#size.width && height === this.#size.height) return;
    this.#size = { width, height };
    const codec = (this.#next ?? this.#decoder)?.codec;
    if (codec !== undefined) this.#begin(codec);
    this.#options.onNeedsKeyFrame();
  }

  /** Whether pictures of before this time are still being decoded. */
  isBehind(untilUs: number): boolean {
    return [this.#decoder, this.#next].some((decoder) => decoder?.isBehind(untilUs) === true);
  }

  /** Goes on to the last picture that was before this time; answers whether there was another one. */
  goTo(untilUs: number): boolean {
    const due = this.#waiting.findLastIndex(({ timeUs }) => timeUs <= untilUs) + 1;
    const count = Math.max(due, this.#waiting.length - MAX_WAITING);
    if (count <= 0) return false;
    this.#picture = this.#waiting[count - 1]?.picture;
    this.#waiting = this.#waiting.slice(count);
    return true;
  }

  /** What was said of the times of all pictures before was wrong by so much. */
  shift(byUs: number): void {
    for (const waiting of [...this.#coded, ...this.#waiting]) waiting.timeUs += byUs;
    this.#decoder?.shift(byUs);
    this.#next?.shift(byUs);
  }

  close(): void {
    this.#decoder?.close();
    this.#next?.close();
  }

  #begin(codec: TileFrame['codec']): void {
    const { ffmpeg, logger, onNeedsKeyFrame, onPicture } = this.#options;
    this.#next?.close();
    const decoder: TileDecoder = new TileDecoder({
      ...{ ffmpeg, codec, ...this.#size, logger },
      onLost: onNeedsKeyFrame,
      onPicture: (picture, timeUs) => {
        if (this.#next === decoder) {
          this.#decoder?.close();
          this.#decoder = decoder;
          this.#next = undefined;
        }
        if (this.#decoder !== decoder) return;
        this.#waiting.push({ picture, timeUs });
        onPicture(timeUs);
      },
    });
    this.#next = decoder;
  }
}
