import type { RtpParameters } from '@amphi/protocol';
import type { SenderReport, TapSink } from '@amphi/rooms';
import { codecOf, createDepacketizer } from './depacketizer.ts';
import type { CodecName, Depacketizer, Frame } from './frame.ts';
import { parseRtp } from './packet.ts';
import { ReorderBuffer } from './reorder.ts';
import type { ReorderOptions, Ordered } from './reorder.ts';
import { type Reported, WallClock } from './wall-clock.ts';

/** What packets of one SSRC become. */
export type FrameStream = {
  kind: 'audio' | 'video';
  codec: CodecName;
  /** RTP ticks in a second. */
  clockRate: number;
  channels: number;
  /** 0 for the lowest simulcast layer, where each is read for itself; else always 0. */
  layer: number;
};

/** Takes what a {@link FrameReader} makes of the packets. Calls must not throw. */
export interface FrameSink {
  /** Frames come from now on. Timestamps have nothing to do with those before. */
  started(streams: readonly FrameStream[]): void;
  /** `wall`: when it was captured, in milliseconds since the epoch, as far as is known by now. */
  frame(frame: Frame, stream: FrameStream, wall: number): void;
  /** A sender report. With a `shift` all that frames said before it was wrong by so many milliseconds. */
  clock(point: Reported, stream: FrameStream): void;
  paused(paused: boolean): void;
  stopped(): void;
}

export type FrameReaderOptions = ReorderOptions & {
  sink: FrameSink;
  /** Called when nothing can be decoded without a key frame, at most twice a second. */
  requestKeyFrame(): void;
  /** Milliseconds since the epoch. */
  now?: () => number;
};

type Reading = {
  stream: FrameStream;
  payloadTypes: ReadonlySet<number>;
  order: ReorderBuffer;
  depacketizer: Depacketizer;
  clock: WallClock;
};

const KEY_FRAME_EVERY_MS = 500;

/**
 * Reads a tapped track: packets into order, frames out of packets, RTP time into wall time. Asks for a key frame where
 * something is lost for good. What it does not know (a codec, a stray packet) it passes over.
 */
export class FrameReader implements TapSink {
  readonly #options: FrameReaderOptions;
  readonly #now: () => number;
  readonly #readings = new Map<number, Reading>();
  #askedAt = -Infinity;

  constructor(options: FrameReaderOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  started({ kind, rtpParameters, paused }: Parameters<TapSink['started']>[0]): void {
    this.#readings.clear();
    for (const [layer, ssrc] of ssrcsOf(rtpParameters).entries()) {
      const reading = open(kind, rtpParameters, layer, this.#options);
      if (reading) this.#readings.set(ssrc, reading);
    }
    this.#options.sink.started([...this.#readings.values()].map(({ stream }) => stream));
    if (paused) this.#options.sink.paused(true);
  }

  rtp(bytes: Buffer): void {
    const packet = parseRtp(bytes);
    const reading = packet && this.#readings.get(packet.ssrc);
    if (!packet || !reading?.payloadTypes.has(packet.payloadType)) return;
    for (const ordered of reading.order.push(packet, this.#now())) this.#take(reading, ordered);
  }

  senderReport(report: SenderReport): void {
    const reading = this.#readings.get(report.ssrc);
    const point = reading?.clock.report(report);
    if (reading && point) this.#options.sink.clock(point, reading.stream);
  }

  paused(paused: boolean): void {
    for (const { clock } of this.#readings.values()) clock.paused();
    this.#options.sink.paused(paused);
  }

  stopped(): void {
    for (const reading of this.#readings.values()) {
      for (const ordered of reading.order.flush()) this.#take(reading, ordered);
    }
    this.#readings.clear();
    this.#options.sink.stopped();
  }

  #take({ stream, depacketizer, clock }: Reading, { packet, missing, at }: Ordered): void {
    const { marker, payload } = packet;
    const timestamp = clock.packet(packet.timestamp, at);
    for (const frame of depacketizer.push({ timestamp, marker, payload }, missing)) {
      this.#options.sink.frame(frame, stream, clock.wallOf(frame.timestamp));
    }
    if (!depacketizer.needsKeyFrame || this.#now() - this.#askedAt < KEY_FRAME_EVERY_MS) return;
    this.#askedAt = this.#now();
    this.#options.requestKeyFrame();
  }
}

function ssrcsOf({ encodings = [] }: RtpParameters): number[] {
  return encodings.flatMap(({ ssrc }) => (ssrc === undefined ? [] : [ssrc]));
}

function open(
  kind: FrameStream['kind'],
  { codecs }: RtpParameters,
  layer: number,
  options: ReorderOptions,
): Reading | undefined {
  const known = codecs.flatMap((parameters) => {
    const codec = codecOf(parameters.mimeType);
    return codec === undefined ? [] : [{ ...parameters, codec }];
  });
  const [first] = known;
  if (first === undefined) return undefined;
  const { codec, clockRate, channels = 1 } = first;
  return {
    stream: { kind, codec, clockRate, channels, layer },
    payloadTypes: new Set(known.filter((other) => other.codec === codec).map(({ payloadType }) => payloadType)),
    order: new ReorderBuffer(options),
    depacketizer: createDepacketizer(codec),
    // That of sound counts samples: while none are sent it stands still. That of pictures goes on.
    clock: new WallClock(clockRate, { stops: kind === 'audio' }),
  };
}
