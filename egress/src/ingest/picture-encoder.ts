import type { Logger } from '@amphi/rooms';
import type { Sps } from '../codecs/sps.ts';
import { flvFileTag, flvHeader } from '../containers/flv.ts';
import { Supervised } from '../program/supervised.ts';
import { videoConfigTag, videoTag } from '../rtmp/flv.ts';
import { FlvPictures } from '../rtmp/flv-pictures.ts';

/** The largest picture that is made, whichever way it lies. */
const LONG_SIDE = 1920;
const SHORT_SIDE = 1080;
const KEY_FRAME_MS = 2000;
/** Key frames that are asked for are no closer: each is as large as many other pictures. */
const LEAST_KEY_FRAME_MS = 500;
/** The least time between two pictures: up to 30 a second are taken as they come, of 50 and 60 half. */
const LEAST_APART_MS = 30;
const MOST_FRAME_RATE = 30;
/** Bits of a pixel, and of all, that are not exceeded; how many are needed below that is up to the picture. */
const MOST_BITS_PER_PIXEL = 0.15;
const MOST_BITRATE = 6_000_000;
/** An encoder that is so far behind is started anew. */
const MAX_WAITING = 2_000_000;
/**
 * A running ffmpeg cannot be asked for a key frame, but by the times of its pictures: they are given to it twice as large, and
 * where one is odd it makes a key frame of it.
 */
const SCALE = 2;
const IS_WANTED = 'mod(round(t*1000),2)';
/** FLV has 31 bits for a time: one that has gone on for so long is started anew. */
const LONGEST_MS = 2 ** 31 / SCALE / 2;
/** Of a core, for a million pixels of 30 pictures a second: decoding what comes, encoding what goes. */
const DECODING_CORES = 0.08;
const ENCODING_CORES = 0.26;

export type PictureEncoderOptions = {
  ffmpeg: string;
  /** The avcC record of what comes. */
  config: Buffer;
  sps: Sps;
  /** Frames follow, the first of which is a key frame. */
  onConfig(config: Buffer): void;
  /** A picture that is shown at `ms` of the sender's clock: NAL units, each behind its length. */
  onFrame(ms: number, data: Buffer, keyFrame: boolean): void;
  /** How often in a row it ended by itself. */
  onFailure(failures: number): void;
  logger: Logger;
};

/** What {@link PictureEncoder} will take of this machine for such a stream, in cores. */
export function encodingCores(sps: Sps): number {
  const { width, height } = fitted(sps);
  const rate = (sps.frameRate ?? MOST_FRAME_RATE) / MOST_FRAME_RATE;
  const decoding = ((sps.width * sps.height) / 1e6) * rate * DECODING_CORES;
  return decoding + ((width * height) / 1e6) * Math.min(1, rate) * ENCODING_CORES;
}

/**
 * H.264 that WebRTC cannot show, for its order or its profile, to H.264 that it can, by an ffmpeg: no B-frames, 4:2:0, a key
 * frame every two seconds and when it is asked for, at most 1080p30. What comes out keeps the time of what went in. One that
 * ended is followed by another, which goes on with the next key frame.
 */
export class PictureEncoder {
  readonly #options: PictureEncoderOptions;
  readonly #process: Supervised;
  #pictures = new FlvPictures();
  /** The sender's time of the first picture that this ffmpeg was given, which is 0 for it. */
  #base: number | undefined;
  #isWanted = false;
  /** When the last key frame was shown, or asked for. */
  #keyFrameAt = -Infinity;

  constructor(options: PictureEncoderOptions) {
    this.#options = options;
    const { width, height } = fitted(options.sps);
    const isFitting = width === options.sps.width && height === options.sps.height;
    const bitrate = `${Math.min(MOST_BITRATE, Math.round(width * height * MOST_FRAME_RATE * MOST_BITS_PER_PIXEL))}`;
    const filters = [
      `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${seconds(LEAST_APART_MS)})+${IS_WANTED}'`,
      ...(isFitting ? [] : [`scale=${width}:${height}:flags=bilinear`]),
    ];
    this.#process = new Supervised({
      command: options.ffmpeg,
      args: [
        // Times are those that it is given. More threads would hold back a picture each.
        ...['-v', 'error', '-nostdin', '-copyts', '-threads', '1', '-probesize', '32', '-analyzeduration', '1'],
        ...['-fpsprobesize', '0', '-f', 'flv', '-i', 'pipe:0', '-an', '-vf', filters.join(','), '-pix_fmt', 'yuv420p'],
        ...['-fps_mode', 'passthrough', '-enc_time_base', '1:1000'],
        ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency'],
        // Slices of a picture that several threads make wait for each other: on a busy machine twice as long for it.
        ...['-threads:v', '1'],
        ...['-profile:v', 'main', '-bf', '0', '-crf', '21', '-maxrate', bitrate, '-bufsize', bitrate],
        ...['-g', '600', '-force_key_frames'],
        // One that was asked for had a time that was odd.
        `expr:isnan(prev_forced_t)+gte(t+0.001,prev_forced_t+${seconds(KEY_FRAME_MS)})+${IS_WANTED}`,
        ...['-flush_packets', '1', '-flvflags', 'no_duration_filesize', '-f', 'flv', 'pipe:1'],
      ],
      purpose: 'picture of a program that publishes',
      onStart: () => {
        this.#pictures = new FlvPictures();
        this.#base = undefined;
        this.#keyFrameAt = -Infinity;
      },
      onData: (piece) => this.#take(piece),
      onExit: options.onFailure,
      logger: options.logger,
    });
  }

  /** The process that encodes now. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Somebody waits for a key frame: the next picture becomes one, unless there was one just before. */
  requestKeyFrame(): void {
    this.#isWanted = true;
  }

  /** Takes the next picture in the order of decoding, shown `shiftMs` after `ms`. */
  write(ms: number, shiftMs: number, data: Buffer, keyFrame: boolean): void {
    const isLong = keyFrame && ms - (this.#base ?? ms) > LONGEST_MS;
    if (this.#process.waiting > MAX_WAITING || isLong) {
      this.#process.restart();
      return;
    }
    if (this.#base === undefined) {
      if (!keyFrame) return;
      const config = flvFileTag({ kind: 'video', ms: 0, body: videoConfigTag(this.#options.config) });
      if (!this.#process.write(Buffer.concat([flvHeader('video'), config]))) return;
      this.#base = ms;
    }
    const isAsked = this.#isWanted && ms + shiftMs >= this.#keyFrameAt + LEAST_KEY_FRAME_MS;
    if (isAsked) {
      this.#isWanted = false;
      this.#keyFrameAt = ms + shiftMs;
    }
    const body = videoTag(data, keyFrame, shiftMs * SCALE + (isAsked ? 1 : 0));
    this.#process.write(flvFileTag({ kind: 'video', ms: (ms - this.#base) * SCALE, body }));
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
      const shownAt = (this.#base ?? 0) + Math.floor((picture.ms + picture.shiftMs) / SCALE);
      if (picture.keyFrame) this.#keyFrameAt = Math.max(this.#keyFrameAt, shownAt);
      this.#options.onFrame(shownAt, picture.data, picture.keyFrame);
    }
  }
}

/** As an ffmpeg of ours has it. */
function seconds(ms: number): number {
  return (ms * SCALE) / 1000;
}

/** The same picture, made smaller where it is too large. */
function fitted({ width, height }: Sps): { width: number; height: number } {
  const by = Math.min(1, LONG_SIDE / Math.max(width, height), SHORT_SIDE / Math.min(width, height));
  const even = (size: number): number => Math.max(2, 2 * Math.round((size * by) / 2));
  return by === 1 && width % 2 === 0 && height % 2 === 0
    ? { width, height }
    : { width: even(width), height: even(height) };
}
