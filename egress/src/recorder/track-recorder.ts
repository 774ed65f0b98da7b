import { join } from 'node:path';
import type { MediaTap } from '@amphi/rooms';
import type { TrackFormat } from '../containers/track.ts';
import type { Frame } from '../rtp/frame.ts';
import { FrameReader, type FrameSink, type FrameStream } from '../rtp/frame-reader.ts';
import type { Reported } from '../rtp/wall-clock.ts';
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
  /** The RTP timestamp of the last frame, and its time in the file, in ticks as well. */
  last: number;
  ticks: number;
  /** The last key frame, by its RTP timestamp. */
  key: number;
};

/** Sender reports that are kept: one in so many milliseconds. */
const CLOCK_EVERY_MS = 10_000;
/** So that a file can be sought in, and a film begun in the middle of it, there is a key frame at least so often. */
const KEY_FRAME_EVERY_S = 20;
/** What jumps back, or goes on after a longer time, begins a file of its own. */
const MAX_LEAP_MS = 30_000;

/**
 * Writes one track as it was sent, into as many files as its stream begins anew. Times in a file are those of the capture,
 * by the server's clock: what was not sent, or is lost, leaves a gap of its length, and sender's clocks that drift do not
 * take sound and picture apart.
 */
export class TrackRecorder implements FrameSink {
  readonly parts: Part[] = [];
  readonly #options: TrackRecorderOptions;
  readonly #tap: MediaTap;
  readonly #closing: Promise<void>[] = [];
  #open: OpenPart | undefined;
  #lastClock: Reported | undefined;
  /** How many parts there were before the stream that is coming now. */
  #partsBefore = 0;
  #closed = false;

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
    this.#partsBefore = this.parts.length;
  }

  frame(frame: Frame, stream: FrameStream, wall: number): void {
    if (this.#closed) return;
    if (this.#open && this.#beginsAnew(this.#open, frame, wall)) this.#finish();
    const open = this.#open ?? this.#begin(frame, stream, wall);
    if (!open) return;
    const { part } = open;
    // Noise of the clock puts no frame before the one that it follows.
    const timestamp = Math.max(open.ticks + 1, Math.round(((wall - part.startedAt) * part.clockRate) / 1000));
    open.last = frame.timestamp;
    open.ticks = timestamp;
    this.#keepSeekable(open, frame);
    const { size } = frame;
    const known = part.sizes.at(-1);
    if (size && (known?.width !== size.width || known.height !== size.height)) {
      part.sizes.push({ ms: Math.round((timestamp * 1000) / part.clockRate), ...size });
    }
    this.#write(open, open.muxer.add({ ...frame, timestamp }));
  }

  clock(point: Reported): void {
    const { rtp, wall, shift } = point;
    this.#lastClock = point;
    for (const part of this.parts.slice(this.#partsBefore)) part.startedAt += shift;
    const { part } = this.#open ?? {};
    if (!part) return;
    if (wall - (part.clock.at(-1)?.wall ?? 0) >= CLOCK_EVERY_MS) part.clock.push({ rtp, wall });
  }

  paused(paused: boolean): void {
    if (!paused) this.#tap.requestKeyFrame();
  }

  stopped(): void {
    this.#finish();
  }

  /** Resolves when the files are complete. */
  async close(): Promise<void> {
    // What it has put in order so far comes with this.
    this.#tap.close();
    this.#closed = true;
    this.#finish();
    await Promise.all(this.#closing);
  }

  #beginsAnew({ part, last, ticks, config }: OpenPart, frame: Frame, wall: number): boolean {
    const leap = wall - part.startedAt - (ticks * 1000) / part.clockRate;
    if (frame.timestamp < last || leap > MAX_LEAP_MS) return true;
    return frame.config !== undefined && config !== undefined && !frame.config.equals(config);
  }

  #begin(frame: Frame, stream: FrameStream, wall: number): OpenPart | undefined {
    const format = formatOf(frame, stream);
    if (!format) {
      this.#tap.requestKeyFrame();
      return undefined;
    }
    const muxer = createMuxer(format, stream.clockRate, { ...frame, timestamp: 0 });
    const file = `${this.#options.name}-${this.parts.length + 1}.${muxer.extension}`;
    const part: Part = {
      file,
      codec: stream.codec,
      clockRate: stream.clockRate,
      rtpStart: frame.timestamp,
      startedAt: wall,
      durationMs: 0,
      bytes: 0,
      clock: this.#lastClock ? [{ rtp: this.#lastClock.rtp, wall: this.#lastClock.wall }] : [],
      sizes: [],
    };
    this.parts.push(part);
    const spool = new Spool(join(this.#options.folder, file), this.#options.onError);
    const { config, timestamp } = frame;
    this.#open = { part, stream, muxer, spool, config, last: timestamp, ticks: -1, key: timestamp };
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
