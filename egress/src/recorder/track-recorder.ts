import { join } from 'node:path';
import type { MediaTap } from '@amphi/rooms';
import type { TrackFormat } from '../containers/track.ts';
import type { Frame } from '../rtp/frame.ts';
import { FrameReader, type FrameSink, type FrameStream } from '../rtp/frame-reader.ts';
import type { ClockPoint } from '../rtp/wall-clock.ts';
import type { Part } from './manifest.ts';
import { createMuxer, type Muxer } from './muxer.ts';
import { Spool } from './spool.ts';

export type TrackRecorderOptions = {
  folder: string;
  /** Files are called `<name>-<number>.<extension>`. */
  name: string;
  /** Opens the tap. */
  open(sink: FrameReader): MediaTap;
  onError(error: Error): void;
  /** A part began, grew or ended. */
  onChange(): void;
  now?: () => number;
};

type OpenPart = {
  part: Part;
  stream: FrameStream;
  muxer: Muxer;
  spool: Spool;
  config: Buffer | undefined;
  last: number;
  /** The last key frame. */
  key: number;
};

/** What the clock may seem to jump by network jitter alone, in milliseconds. */
const MAX_DRIFT_MS = 1000;
/** Sender reports that are kept: one in so many milliseconds. */
const CLOCK_EVERY_MS = 10_000;
/** So that a file can be sought in, and a film begun in the middle of it, there is a key frame at least so often. */
const KEY_FRAME_EVERY_S = 20;
/** A picture that jumps back by more than a moment, in seconds, or far ahead, is a stream that began anew. */
const MAX_LEAP_S = 30;

/** Writes one track as it was sent, into as many files as its stream begins anew. */
export class TrackRecorder implements FrameSink {
  readonly parts: Part[] = [];
  readonly #options: TrackRecorderOptions;
  readonly #tap: MediaTap;
  readonly #closing: Promise<void>[] = [];
  #open: OpenPart | undefined;
  #lastClock: ClockPoint | undefined;

  constructor(options: TrackRecorderOptions) {
    this.#options = options;
    const reader = new FrameReader({
      sink: this,
      requestKeyFrame: () => this.#tap.requestKeyFrame(),
      ...(options.now ? { now: options.now } : {}),
    });
    this.#tap = options.open(reader);
  }

  started(): void {
    this.#finish();
    this.#lastClock = undefined;
  }

  frame(frame: Frame, stream: FrameStream, wall: number): void {
    if (this.#open && this.#beginsAnew(this.#open, frame)) this.#finish();
    const open = this.#open ?? this.#begin(frame, stream, wall);
    if (!open) return;
    open.last = frame.timestamp;
    this.#keepSeekable(open, frame);
    const { size } = frame;
    const known = open.part.sizes.at(-1);
    if (size && (known?.width !== size.width || known.height !== size.height)) {
      const ms = ((frame.timestamp - open.part.rtpStart) * 1000) / open.part.clockRate;
      open.part.sizes.push({ ms: Math.round(ms), ...size });
    }
    this.#write(open, open.muxer.add(frame));
  }

  clock(point: ClockPoint, { clockRate }: FrameStream): void {
    const before = this.#lastClock;
    this.#lastClock = point;
    const { part } = this.#open ?? {};
    if (!part) return;
    const expected = before && before.wall + ((point.rtp - before.rtp) * 1000) / clockRate;
    if (expected !== undefined && Math.abs(point.wall - expected) > MAX_DRIFT_MS) {
      // The RTP clock stood still, or jumped, while nothing was sent.
      this.#finish();
      this.#tap.requestKeyFrame();
      return;
    }
    if (point.wall - (part.clock.at(-1)?.wall ?? 0) >= CLOCK_EVERY_MS) part.clock.push(point);
    part.startedAt = point.wall - ((point.rtp - part.rtpStart) * 1000) / clockRate;
  }

  paused(paused: boolean): void {
    if (!paused) this.#tap.requestKeyFrame();
  }

  stopped(): void {
    this.#finish();
  }

  /** Resolves when the files are complete. */
  async close(): Promise<void> {
    this.#tap.close();
    this.#finish();
    await Promise.all(this.#closing);
  }

  #beginsAnew({ last, stream, config }: OpenPart, frame: Frame): boolean {
    const leap = (frame.timestamp - last) / stream.clockRate;
    if (leap < 0 || leap > MAX_LEAP_S) return true;
    return frame.config !== undefined && config !== undefined && !frame.config.equals(config);
  }

  #begin(frame: Frame, stream: FrameStream, wall: number): OpenPart | undefined {
    const format = formatOf(frame, stream);
    if (!format) {
      this.#tap.requestKeyFrame();
      return undefined;
    }
    const muxer = createMuxer(format, stream.clockRate, frame);
    const file = `${this.#options.name}-${this.parts.length + 1}.${muxer.extension}`;
    const part: Part = {
      file,
      codec: stream.codec,
      clockRate: stream.clockRate,
      rtpStart: frame.timestamp,
      startedAt: wall,
      durationMs: 0,
      bytes: 0,
      clock: this.#lastClock ? [this.#lastClock] : [],
      sizes: [],
    };
    this.parts.push(part);
    const spool = new Spool(join(this.#options.folder, file), this.#options.onError);
    this.#open = { part, stream, muxer, spool, config: frame.config, last: frame.timestamp, key: frame.timestamp };
    this.#options.onChange();
    return this.#open;
  }

  #keepSeekable(open: OpenPart, { keyFrame, timestamp }: Frame): void {
    if (keyFrame) open.key = timestamp;
    if (open.stream.kind !== 'video' || timestamp - open.key < KEY_FRAME_EVERY_S * open.stream.clockRate) return;
    // Not again with every frame until it comes.
    open.key = timestamp;
    this.#tap.requestKeyFrame();
  }

  #write({ part, muxer, spool }: OpenPart, pieces: ReturnType<Muxer['add']>): void {
    if (pieces.length === 0) return;
    spool.write(pieces);
    part.durationMs = Math.round(muxer.durationMs);
    part.bytes += pieces.reduce((sum, { bytes, at }) => sum + (at === undefined ? bytes.length : 0), 0);
    this.#options.onChange();
  }

  #finish(): void {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    this.#write(open, open.muxer.end());
    this.#closing.push(open.spool.close());
  }
}

/** What the container has to know; undefined for a picture that is no key frame. */
function formatOf(frame: Frame, { codec, kind, channels }: FrameStream): TrackFormat | undefined {
  if (kind === 'audio') {
    return codec === 'opus' ? { kind, codec, channels: Math.max(channels, 1), sampleRate: 48_000 } : undefined;
  }
  if (!frame.keyFrame || !frame.size || codec === 'opus' || codec === 'aac') return undefined;
  return { kind, codec, ...frame.size, config: frame.config };
}
