import type { Logger } from '@amphi/rooms';
import { Supervised } from '../supervised.ts';
import { FlvPictures } from '../../rtmp/flv-pictures.ts';
import { RawPicture } from './raw-picture.ts';

const KEY_FRAME_SECONDS = 2;
/** With more pictures than these before it, it gets no further one: it is slower than the clock. */
const MAX_WAITING = 3;

export type CanvasEncoderOptions = {
  ffmpeg: string;
  width: number;
  height: number;
  frameRate: number;
  /** Bits a second. */
  bitrate: number;
  /** Frames follow, the first of which is a key frame. */
  onConfig(config: Buffer): void;
  onFrame(frame: { timeUs: number; keyFrame: boolean; data: Buffer }): void;
  /** How often in a row it ended by itself. */
  onFailure(failures: number): void;
  logger: Logger;
};

/** Encodes the canvas to H.264 without B-frames, with a key frame every two seconds. */
export class CanvasEncoder {
  readonly #options: CanvasEncoderOptions;
  readonly #process: Supervised;
  #pictures = new FlvPictures();
  /** Of the pictures that went in and have not come out. */
  #times: number[] = [];

  constructor(options: CanvasEncoderOptions) {
    const { ffmpeg, width, height, frameRate, bitrate, onFailure, logger } = options;
    this.#options = options;
    const keyFrames = `${frameRate * KEY_FRAME_SECONDS}`;
    this.#process = new Supervised({
      command: ffmpeg,
      args: [
        ...['-v', 'error', '-nostdin', '-probesize', '32', '-analyzeduration', '0'],
        ...['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${width}x${height}`, '-r', `${frameRate}`, '-i', 'pipe:0'],
        ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-profile:v', 'main', '-bf', '0'],
        ...['-g', keyFrames, '-keyint_min', keyFrames, '-sc_threshold', '0', '-fps_mode', 'passthrough'],
        ...['-b:v', `${bitrate}`, '-maxrate', `${bitrate}`, '-bufsize', `${bitrate}`],
        ...['-flush_packets', '1', '-flvflags', 'no_duration_filesize', '-f', 'flv', 'pipe:1'],
      ],
      purpose: 'picture of a program: encoder',
      onStart: () => {
        this.#pictures = new FlvPictures();
        this.#times = [];
      },
      onExit: onFailure,
      onData: (piece) => this.#take(piece),
      logger,
    });
  }

  /** Whether it does not keep up, and would leave out the next picture. */
  get isBehind(): boolean {
    const { width, height } = this.#options;
    return this.#process.waiting > MAX_WAITING * RawPicture.sizeOf(width, height);
  }

  /** Takes a picture, which must not change any more, or leaves it out where the encoder does not keep up. */
  push(picture: RawPicture, timeUs: number): void {
    if (this.isBehind) return;
    if (this.#process.write(picture.bytes)) this.#times.push(timeUs);
  }

  close(): void {
    this.#process.close();
  }

  #take(piece: Buffer): void {
    for (const picture of this.#pictures.push(piece)) {
      if (picture.is === 'config') {
        this.#options.onConfig(picture.data);
        continue;
      }
      const { keyFrame, data } = picture;
      this.#options.onFrame({ timeUs: this.#times.shift() ?? 0, keyFrame, data });
    }
  }
}
