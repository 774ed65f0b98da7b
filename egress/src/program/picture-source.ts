import type { Source } from '@amphi/protocol';
import type { MediaTap, RoomMedia, TapReport } from '@amphi/rooms';
import type { CodecName, Frame } from '../rtp/frame.ts';
import { FrameReader, type FrameStream } from '../rtp/frame-reader.ts';
import { PictureTimes, type ProgramClock } from './clock.ts';
import type { ProgramFrame } from './program.ts';

/** A picture that has not moved for so long is not there any more; a screen may stand still, and is repeated seldom. */
const STALLED_MS: Partial<Record<Source, number>> = { camera: 2000, screen: 6000 };
/** The most time between key frames: a viewer, or a segment, begins with one. */
const KEY_FRAME_EVERY_MS = 2000;
/** Asking takes a moment until it is answered; and so seldom it is asked again. */
const ASK_AHEAD_MS = 100;
const ASK_EVERY_MS = 1000;
/** What was asked for a moment ago is on its way. */
const ASK_AGAIN_MS = 300;

/** A coded picture of a source, as it came. */
export type SourceFrame = ProgramFrame & {
  codec: CodecName;
  /** 0 for the lowest simulcast layer. */
  layer: number;
  /** Of key frames. */
  size?: Frame['size'];
  config?: Frame['config'];
};

/** What is known of a simulcast layer, from its first key frame on. */
export type LayerState = {
  codec: CodecName;
  width: number;
  height: number;
  frameAt: number;
  keyFrameAt: number;
};

export type PictureSourceOptions = {
  producerId: string;
  memberId: string;
  source: Source;
  muted: boolean;
  media: Pick<RoomMedia, 'tap'>;
  clock: ProgramClock;
  /** Milliseconds since the epoch, by {@link steadyNow}. */
  now(): number;
  onFrame(frame: SourceFrame, source: PictureSource): void;
  /**
   * What was said of the times of a layer was wrong by so many microseconds: it was guessed, and now is known. Without this
   * times are led to where they belong, for whoever has taken them already.
   */
  onShift?: ((byUs: number, layer: number, source: PictureSource) => void) | undefined;
};

/** A camera or a screen on stage: all of its simulcast layers, with times on the clock of the program. */
export class PictureSource {
  readonly id: string;
  readonly memberId: string;
  readonly source: Source;
  muted: boolean;
  /** By layer. */
  readonly layers = new Map<number, LayerState>();
  readonly #options: PictureSourceOptions;
  readonly #tap: MediaTap;
  readonly #times = new Map<number, PictureTimes>();
  #layerCount = 0;
  #askedAt = -Infinity;

  constructor(options: PictureSourceOptions) {
    this.#options = options;
    this.id = options.producerId;
    this.memberId = options.memberId;
    this.source = options.source;
    this.muted = options.muted;
    const { media, now } = options;
    const reader = new FrameReader({
      sink: {
        started: (streams) => this.#started(streams),
        frame: (frame, stream, wall) => this.#take(frame, stream, wall),
        clock: ({ shift }, { layer }) => this.#correct(shift, layer),
        paused() {},
        stopped() {},
      },
      requestKeyFrame: () => this.requestKeyFrame(),
      now,
    });
    const sink = {
      started: (stream: Parameters<FrameReader['started']>[0]) => reader.started(stream),
      rtp: (packet: Buffer) => reader.rtp(packet),
      senderReport: (report: TapReport) => reader.senderReport({ ...report, capturedAt: report.steadyAt }),
      paused: (paused: boolean) => reader.paused(paused),
      stopped: () => reader.stopped(),
    };
    this.#tap = media.tap(options.producerId, sink, { allLayers: true });
  }

  /** How many layers the publisher may send. */
  get layerCount(): number {
    return this.#layerCount;
  }

  /** Whether there is something to be seen. */
  get isShown(): boolean {
    return !this.muted && this.movingLayers().length > 0;
  }

  get codec(): CodecName | undefined {
    return [...this.layers.values()].at(-1)?.codec;
  }

  /** The layers that are sent now, the lowest first. */
  movingLayers(): { layer: number; state: LayerState }[] {
    const now = this.#options.now();
    return [...this.layers]
      .filter(([, { frameAt }]) => now - frameAt < (STALLED_MS[this.source] ?? 0))
      .map(([layer, state]) => ({ layer, state }))
      .toSorted((a, b) => a.layer - b.layer);
  }

  requestKeyFrame(): void {
    const now = this.#options.now();
    if (now - this.#askedAt < ASK_AGAIN_MS) return;
    this.#askedAt = now;
    this.#tap.requestKeyFrame();
  }

  /** Asks for a key frame where none has come by itself for long enough. To be called several times a second. */
  keepKeyFrames(): void {
    const now = this.#options.now();
    if (this.muted || now - this.#askedAt < ASK_EVERY_MS) return;
    const oldest = Math.min(...this.movingLayers().map(({ state }) => state.keyFrameAt));
    if (now - oldest >= KEY_FRAME_EVERY_MS - ASK_AHEAD_MS) this.requestKeyFrame();
  }

  close(): void {
    this.#tap.close();
  }

  #started(streams: readonly FrameStream[]): void {
    this.#layerCount = streams.length;
    this.layers.clear();
    for (const { layer, clockRate } of streams) {
      // Times of a layer grow also where its publisher came again.
      this.#times.set(layer, new PictureTimes(this.#options.clock, clockRate, this.#times.get(layer)?.last));
    }
    this.#askedAt = -Infinity;
    this.requestKeyFrame();
  }

  #correct(byMs: number, layer: number): void {
    const { onShift } = this.#options;
    if (!onShift || byMs === 0) return;
    this.#times.get(layer)?.correct(byMs);
    onShift(Math.round(byMs * 1000), layer, this);
  }

  #take({ timestamp, keyFrame, data, size, config }: Frame, { codec, layer }: FrameStream, wall: number): void {
    const { now, clock, onFrame } = this.#options;
    const times = this.#times.get(layer);
    if (!times) return;
    const state = this.layers.get(layer);
    if (keyFrame && size) {
      this.layers.set(layer, { codec, ...size, frameAt: now(), keyFrameAt: now() });
    } else if (state) {
      state.frameAt = now();
      if (keyFrame) state.keyFrameAt = now();
    } else return;
    const timeUs = times.next(timestamp, wall);
    const frame: SourceFrame = { timeUs, wall: clock.wallOf(timeUs), keyFrame, data, codec, layer };
    if (size) frame.size = size;
    if (config) frame.config = config;
    onFrame(frame, this);
  }
}
