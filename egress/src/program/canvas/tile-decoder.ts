import type { Logger } from '@amphi/rooms';
import type { CodecName } from '../../rtp/frame.ts';
import { Supervised } from '../supervised.ts';
import { ivfFrame, ivfHeader } from './ivf.ts';
import { RawPicture } from './raw-picture.ts';

/** A decoder with more than this before it is too far behind to be waited for. */
const MAX_WAITING_BYTES = 2_000_000;
/** A decoder that gave nothing for so long is not waited for: what it was given may be no picture. */
const SILENT_MS = 5000;

/** A coded picture for a tile. */
export type TileFrame = {
  codec: CodecName;
  keyFrame: boolean;
  timeUs: number;
  data: Buffer;
  size?: { width: number; height: number } | undefined;
  config?: Buffer | undefined;
};

export type TileDecoderOptions = {
  ffmpeg: string;
  codec: CodecName;
  /** Of the pictures that come out: what is decoded is fitted in, with black around it. */
  width: number;
  height: number;
  onPicture(picture: RawPicture, timeUs: number): void;
  /** It can only go on with a key frame. */
  onLost(): void;
  logger: Logger;
};

/** Decodes the picture of one source, in whatever sizes it comes, to the size of its tile. */
export class TileDecoder {
  readonly codec: CodecName;
  readonly width: number;
  readonly height: number;
  readonly #options: TileDecoderOptions;
  readonly #process: Supervised;
  /** Of the frames that went in and have not come out. */
  #times: number[] = [];
  /** When it was last given something to begin with, or gave something. */
  #movedAt = 0;
  #isBegun = false;
  #count = 0;
  #piece: Buffer;
  #filled = 0;

  constructor(options: TileDecoderOptions) {
    const { ffmpeg, codec, width, height, logger } = options;
    this.#options = options;
    this.codec = codec;
    this.width = width;
    this.height = height;
    this.#piece = Buffer.allocUnsafe(RawPicture.sizeOf(width, height));
    const fit = `scale=${width}:${height}:force_original_aspect_ratio=decrease:force_divisible_by=2:flags=bilinear`;
    this.#process = new Supervised({
      command: ffmpeg,
      args: [
        ...['-v', 'error', '-nostdin', '-flags', 'low_delay', '-threads', '1'],
        // A duration of 0 would stand for the default of some seconds.
        ...['-probesize', '32', '-analyzeduration', '1', '-fpsprobesize', '0', '-f', 'ivf', '-i', 'pipe:0'],
        ...['-vf', `${fit},pad=${width}:${height}:-1:-1,setsar=1`, '-pix_fmt', 'yuv420p', '-fps_mode', 'passthrough'],
        ...['-flush_packets', '1', '-f', 'rawvideo', 'pipe:1'],
      ],
      purpose: 'picture of a program: decoder',
      onStart: () => {
        this.#isBegun = false;
        this.#times = [];
        this.#filled = 0;
      },
      onExit: () => options.onLost(),
      onData: (piece) => this.#take(piece),
      logger,
    });
  }

  push({ codec, keyFrame, timeUs, data, size, config }: TileFrame): void {
    if (codec !== this.codec) return;
    if (this.#process.waiting > MAX_WAITING_BYTES) {
      this.#process.restart();
      return;
    }
    if (!this.#isBegun) {
      if (!keyFrame || !size || !this.#process.write(ivfHeader(codec, size))) return;
      this.#isBegun = true;
    }
    if (this.#times.length === 0) this.#movedAt = performance.now();
    this.#times.push(timeUs);
    this.#process.write(ivfFrame(codec, this.#count++, data, config));
  }

  /** Whether pictures of before this time went in that are still to come out. The last one may stay in until another follows. */
  isBehind(untilUs: number): boolean {
    const [next = Infinity] = this.#times;
    return this.#times.length > 1 && next <= untilUs && performance.now() - this.#movedAt < SILENT_MS;
  }

  /** What was said of the times of all before was wrong by so much. */
  shift(byUs: number): void {
    this.#times = this.#times.map((timeUs) => timeUs + byUs);
  }

  close(): void {
    this.#process.close();
  }

  #take(piece: Buffer): void {
    for (let at = 0; at < piece.length;) {
      const count = piece.copy(this.#piece, this.#filled, at);
      at += count;
      this.#filled += count;
      if (this.#filled < this.#piece.length) return;
      const picture = new RawPicture(this.width, this.height, this.#piece);
      this.#piece = Buffer.allocUnsafe(this.#piece.length);
      this.#filled = 0;
      this.#movedAt = performance.now();
      this.#options.onPicture(picture, this.#times.shift() ?? 0);
    }
  }
}
