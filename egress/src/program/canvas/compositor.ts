import type { Rect } from '../../compose/layout.ts';
import type { Logger } from '@amphi/rooms';
import { CanvasEncoder } from './canvas-encoder.ts';
import { Names } from './names.ts';
import { RawPicture } from './raw-picture.ts';
import { Tile } from './tile.ts';
import type { TileFrame } from './tile-decoder.ts';

/** How late a tile's picture is on the canvas, at first, and the most that is believed. */
const FIRST_LAG_US = 60_000;
const MAX_LAG_US = 500_000;
/** How fast the estimate follows: down faster, for decoders that begin are behind for a moment. */
const LAG_RISE = 0.02;
const LAG_FALL = 0.06;
/** With a delay, so long before they are shown pictures are decoded. */
const DECODE_AHEAD_US = 1_000_000;
/**
 * With a delay, the canvas waits for decoders and encoder, and catches up by so much when the machine was held up: nobody
 * sees it. What is further behind is left out.
 */
const MAX_BEHIND_MS = 10_000;
/** With a delay, it is looked so often whether what the canvas waits for has come. */
const WAIT_MS = 10;

export type TilePlace = {
  id: string;
  rect: Rect;
  /** Written on the tile. */
  name?: string | undefined;
  /** No picture comes for it: it stands for somebody. */
  isCard?: boolean;
};

export type CompositorOptions = {
  ffmpeg: string;
  width: number;
  height: number;
  frameRate: number;
  bitrate: number;
  /**
   * The canvas is so far behind the clock that all its pictures have come, in microseconds: each is shown exactly when it was,
   * from {@link Compositor.begin} on. Without it the canvas is as little behind as can be, by what is seen of the decoders.
   */
  delayUs: number | undefined;
  /** The time on the clock of the program, in microseconds. */
  nowUs(): number;
  /** A tile begins or is lost: its source is to be asked for a key frame. */
  onNeedsKeyFrame(id: string): void;
  onConfig(config: Buffer): void;
  onFrame(frame: { timeUs: number; keyFrame: boolean; data: Buffer }): void;
  onFailure(failures: number): void;
  logger: Logger;
};

/** What is to be seen from a time on. */
type Scene = { fromUs: number; places: readonly TilePlace[] };

/**
 * Decodes the pictures on stage, puts them together in their places and encodes the whole, at a steady rate. Who comes, goes
 * or changes place does so between two pictures: the encoder never ends for it.
 */
export class Compositor {
  readonly #options: CompositorOptions;
  readonly #encoder: CanvasEncoder;
  readonly #names: Names;
  readonly #tiles = new Map<string, Tile>();
  /** The one that is seen, and those that will be when the canvas has come to their times. */
  #scenes: Scene[] = [];
  #canvas: RawPicture;
  #isChanged = true;
  #lagUs: number;
  #lastUs = -1;
  #beginsUs: number;
  readonly #startedAt = performance.now();
  readonly #startUs: number;
  #ticks = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CompositorOptions) {
    this.#options = options;
    const { width, height, ffmpeg, logger, delayUs } = options;
    this.#startUs = options.nowUs();
    this.#lagUs = delayUs ?? FIRST_LAG_US;
    this.#beginsUs = delayUs === undefined ? -Infinity : Infinity;
    this.#canvas = new RawPicture(width, height);
    this.#encoder = new CanvasEncoder(options);
    this.#names = new Names(ffmpeg, logger, () => (this.#isChanged = true));
    this.#schedule();
  }

  /** Shows these, in these places, and nothing else, from this time on: so as soon as the canvas has come to it. */
  place(places: readonly TilePlace[], fromUs: number): void {
    const isFirst = this.#scenes.length === 0;
    this.#scenes.push({ fromUs: isFirst ? -Infinity : fromUs, places });
    for (const place of places) {
      const { id, rect } = place;
      // Names are there by the time that they are shown.
      this.#nameOf(place);
      if (place.isCard === true) continue;
      const tile = this.#tiles.get(id);
      if (tile) tile.resize(rect);
      else this.#tiles.set(id, this.#open(id, rect));
    }
    this.#isChanged = true;
  }

  push(id: string, frame: TileFrame): void {
    const tile = this.#tiles.get(id);
    tile?.push(frame);
    tile?.feed(this.#decodeUntil());
  }

  /** What was said of the times of a tile's pictures before was wrong by so much. */
  shift(id: string, byUs: number): void {
    this.#tiles.get(id)?.shift(byUs);
  }

  /** With a delay: what is seen from this time on is encoded. */
  begin(atUs: number): void {
    this.#beginsUs = atUs;
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const tile of this.#tiles.values()) tile.close();
    this.#tiles.clear();
    this.#encoder.close();
  }

  #open(id: string, rect: Rect): Tile {
    const { ffmpeg, logger, onNeedsKeyFrame, nowUs, delayUs } = this.#options;
    return new Tile({
      ...{ ffmpeg, logger, width: rect.width, height: rect.height },
      onNeedsKeyFrame: () => onNeedsKeyFrame(id),
      onPicture: (timeUs) => {
        if (delayUs !== undefined) return;
        const lag = Math.min(MAX_LAG_US, Math.max(0, nowUs() - timeUs));
        this.#lagUs += (lag - this.#lagUs) * (lag < this.#lagUs ? LAG_FALL : LAG_RISE);
      },
    });
  }

  #schedule(): void {
    const { frameRate, delayUs } = this.#options;
    const period = 1000 / frameRate;
    const passed = Math.floor((performance.now() - this.#startedAt) / period);
    // A clock that was held up does not hurry after it where what comes out is watched: times say when a picture was.
    const behind = delayUs === undefined ? 0 : Math.floor(MAX_BEHIND_MS / period);
    this.#ticks = Math.max(this.#ticks + 1, passed - behind);
    const dueAt = this.#startedAt + this.#ticks * period;
    this.#wait(Math.max(0, dueAt - performance.now()));
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => this.#tick(), ms);
  }

  #tick(): void {
    const { nowUs, frameRate, delayUs } = this.#options;
    const now = delayUs === undefined ? nowUs() : this.#startUs + (this.#ticks * 1_000_000) / frameRate;
    const timeUs = Math.max(this.#lastUs + 1, Math.round(now - this.#lagUs));
    // A picture is shown at the tick that is nearest to it.
    const untilUs = timeUs + 500_000 / frameRate;
    if (delayUs !== undefined && this.#isToWait(timeUs, untilUs)) {
      this.#wait(WAIT_MS);
      return;
    }
    this.#lastUs = timeUs;
    this.#goTo(timeUs);
    for (const tile of this.#tiles.values()) {
      tile.feed(this.#decodeUntil());
      if (tile.goTo(untilUs)) this.#isChanged = true;
    }
    if (timeUs >= this.#beginsUs) {
      if (this.#isChanged) this.#draw();
      this.#encoder.push(this.#canvas, timeUs);
    }
    this.#schedule();
  }

  /** Whether what belongs to this picture is still to come, or the picture would be left out, and there is time to wait. */
  #isToWait(timeUs: number, untilUs: number): boolean {
    const { nowUs } = this.#options;
    if (timeUs < this.#beginsUs || nowUs() - this.#lagUs - timeUs > MAX_BEHIND_MS * 1000) return false;
    return this.#encoder.isBehind || [...this.#tiles.values()].some((tile) => tile.isBehind(untilUs));
  }

  #decodeUntil(): number {
    return this.#options.delayUs === undefined ? Infinity : this.#lastUs + DECODE_AHEAD_US;
  }

  /** Ends scenes that are over by then, and the tiles that are in no other. */
  #goTo(timeUs: number): void {
    const at = this.#scenes.findLastIndex(({ fromUs }) => fromUs <= timeUs);
    if (at <= 0) return;
    this.#scenes = this.#scenes.slice(at);
    this.#isChanged = true;
    const wanted = new Set(this.#scenes.flatMap(({ places }) => places.map(({ id }) => id)));
    for (const [id, tile] of this.#tiles) {
      if (wanted.has(id)) continue;
      tile.close();
      this.#tiles.delete(id);
    }
  }

  #draw(): void {
    const { width, height } = this.#options;
    this.#isChanged = false;
    this.#canvas = new RawPicture(width, height, Buffer.allocUnsafe(RawPicture.sizeOf(width, height)));
    this.#canvas.clear();
    for (const place of this.#scenes[0]?.places ?? []) {
      const { id, rect, isCard } = place;
      const picture = this.#tiles.get(id)?.picture;
      if (isCard === true) this.#canvas.fillCard(rect);
      else if (picture) this.#canvas.draw(picture, rect);
      else continue;
      const name = this.#nameOf(place);
      if (name) this.#canvas.write(name, rect);
    }
  }

  #nameOf({ name, rect, isCard = false }: TilePlace) {
    const { width, height } = rect;
    return name === undefined || name === '' ? undefined : this.#names.of({ name, width, height, hasPicture: !isCard });
  }
}
