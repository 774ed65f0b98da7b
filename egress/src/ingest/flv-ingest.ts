import type { RtpParameters } from '@amphi/protocol';
import type { Clock, Logger, MediaInlet } from '@amphi/rooms';
import { type FlvTag, readAudioTag, readVideoTag } from '../rtmp/flv.ts';
import { RtpWriter } from '../rtp/rtp-writer.ts';
import { Unwrapper } from '../rtp/unwrap.ts';
import type { TranscodeBudget } from '../program/budget.ts';
import { OpusEncoder } from './opus-encoder.ts';
import { PictureTrack } from './picture-track.ts';
import { type PictureTreatment, PictureWay } from './picture-way.ts';
import { type IngestRefusal, IngestRefused } from './refused.ts';
import { SenderClock } from './sender-clock.ts';
import { SoundTrack } from './sound-track.ts';

type Kind = 'audio' | 'video';

/** A track that has to be made before anything is sent of it. */
export type IngestedTrack = { kind: Kind; rtpParameters: RtpParameters };

export type FlvIngestOptions = {
  /** The ffmpeg that encodes sound; looked for when there is any, which is left out where this answers undefined. */
  ffmpeg(): string | undefined;
  /** What pictures that have to be encoded anew may use. */
  budget: TranscodeBudget;
  /**
   * These tracks come. What comes meanwhile is kept until {@link FlvIngest.send} tells where it goes. Called again when there
   * are more.
   */
  onTracks(tracks: readonly IngestedTrack[]): void;
  /** Calls end with it. */
  onRefused(refused: IngestRefused): void;
  clock: Clock;
  logger: Logger;
};

/** Where packets go: the inlet, and the producers on it. */
export type IngestTarget = { inlet: MediaInlet; producerId(kind: Kind): string };

const SSRC: Record<Kind, number> = { audio: 1001, video: 2001 };
const PAYLOAD_TYPE: Record<Kind, number> = { audio: 100, video: 101 };
/** When one kind has come, the other one is waited for so long. */
const OTHER_WITHIN_MS = 1000;
/** What may wait for the tracks to be made: the first key frame is in it. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
const REPORT_EVERY_MS = 1000;
const OTHER_CODEC = { audio: 'sound-codec', video: 'picture-codec' } as const satisfies Record<Kind, IngestRefusal>;

/**
 * Takes the bodies of FLV tags, as they come by RTMP and of SRT, and sends H.264 and Opus by RTP. Sound and picture keep the sender's
 * time, which is told by sender reports, so that what the sound's way through an encoder takes does not part them.
 */
export class FlvIngest {
  readonly #options: FlvIngestOptions;
  /** Of both kinds, which are on one clock. */
  readonly #stamps = new Unwrapper(32);
  readonly #senderClock = new SenderClock();
  readonly #picture: PictureWay;
  readonly #sound: SoundTrack;
  readonly #kinds = new Set<Kind>();
  #encoder: OpusEncoder | undefined;
  #told = 0;
  #target: IngestTarget | undefined;
  #waiting: { kind: Kind; packet: Buffer }[] = [];
  #waitingBytes = 0;
  #reportedAt = -Infinity;
  #cancelWait: (() => void) | undefined;
  #closed = false;

  constructor(options: FlvIngestOptions) {
    this.#options = options;
    const writer = (kind: Kind) => new RtpWriter(SSRC[kind], PAYLOAD_TYPE[kind]);
    const { ffmpeg, budget, logger } = options;
    const track = new PictureTrack(writer('video'), (packet) => this.#emit('video', packet));
    this.#picture = new PictureWay({ track, ffmpeg, budget, logger });
    this.#sound = new SoundTrack(writer('audio'), (packet) => this.#emit('audio', packet));
  }

  /** What is done with the picture now. */
  get picture(): PictureTreatment {
    return this.#picture.treatment;
  }

  /** Takes a tag. `timestamp`: milliseconds, modulo 2^32. */
  media(kind: Kind, timestamp: number, body: Buffer): void {
    if (this.#closed) return;
    try {
      const tag = kind === 'video' ? readVideoTag(body) : readAudioTag(body);
      if (!tag) return;
      const ms = this.#stamps.unwrap(timestamp);
      this.#senderClock.arrived(ms, this.#options.clock.now());
      this.#report();
      this.#take(tag, ms);
    } catch (error) {
      this.#refuse(error instanceof IngestRefused ? error : new IngestRefused('damaged', (error as Error).message));
    }
  }

  /** Somebody waits for a key frame: there is one soon, where the picture is encoded here, and else when the program makes it. */
  requestKeyFrame(): void {
    this.#picture.requestKeyFrame();
  }

  /** Packets go there from now on; with undefined they are kept until it is said again. */
  send(target: IngestTarget | undefined): void {
    this.#target = target;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (!target) return;
    this.#reportedAt = -Infinity;
    this.#report();
    for (const { kind, packet } of waiting) target.inlet.send(target.producerId(kind), packet);
  }

  close(): void {
    this.#closed = true;
    this.#cancelWait?.();
    this.#encoder?.close();
    this.#picture.close();
    this.#waiting = [];
  }

  #take(tag: FlvTag, ms: number): void {
    if (tag.is === 'other') throw new IngestRefused(OTHER_CODEC[tag.kind], tag.codec);
    if (tag.kind === 'video') {
      if (tag.is === 'frame') this.#picture.write(ms, tag.shiftMs, tag.data, tag.keyFrame);
      else {
        this.#picture.configure(tag.data);
        this.#comes('video');
      }
    } else if (tag.is === 'frame') this.#encoder?.write(ms, tag.data);
    else this.#encode(Buffer.from(tag.data));
  }

  #encode(config: Buffer): void {
    const { logger } = this.#options;
    const ffmpeg = this.#options.ffmpeg();
    this.#encoder?.close();
    if (ffmpeg === undefined) {
      logger.warn(
        {},
        'sound of a program that publishes is left out, as there is no ffmpeg to encode it: install ffmpeg',
      );
      return;
    }
    const onPacket = (ms: number, data: Buffer): void => this.#sound.write(ms, data);
    this.#encoder = new OpusEncoder({ ffmpeg, config, onPacket, logger });
    this.#comes('audio');
  }

  #comes(kind: Kind): void {
    if (this.#kinds.has(kind)) return;
    this.#kinds.add(kind);
    this.#cancelWait?.();
    if (this.#kinds.size === 2) this.#tell();
    else this.#cancelWait = this.#options.clock.after(OTHER_WITHIN_MS, () => this.#tell());
  }

  #tell(): void {
    if (this.#closed || this.#told === this.#kinds.size) return;
    this.#told = this.#kinds.size;
    this.#target = undefined;
    this.#options.onTracks([...this.#kinds].map((kind) => ({ kind, rtpParameters: parametersOf(kind) })));
  }

  #emit(kind: Kind, packet: Buffer): void {
    const target = this.#target;
    if (target) {
      target.inlet.send(target.producerId(kind), packet);
      return;
    }
    if (this.#closed || this.#waitingBytes > MAX_WAITING_BYTES) return;
    this.#waiting.push({ kind, packet });
    this.#waitingBytes += packet.length;
  }

  #report(): void {
    const now = this.#options.clock.now();
    if (!this.#target || now - this.#reportedAt < REPORT_EVERY_MS) return;
    const ms = this.#senderClock.stampOf(now);
    if (ms === undefined) return;
    this.#reportedAt = now;
    const { inlet } = this.#target;
    if (this.#kinds.has('video')) {
      inlet.report({ ssrc: SSRC.video, capturedAt: now, rtpTimestamp: PictureTrack.rtpOf(ms) });
    }
    if (this.#kinds.has('audio')) {
      inlet.report({ ssrc: SSRC.audio, capturedAt: now, rtpTimestamp: this.#sound.rtpOf(ms) });
    }
  }

  #refuse(refused: IngestRefused): void {
    if (this.#closed) return;
    this.close();
    this.#options.onRefused(refused);
  }
}

function parametersOf(kind: Kind): RtpParameters {
  const payloadType = PAYLOAD_TYPE[kind];
  const codec: RtpParameters['codecs'][number] =
    kind === 'video'
      ? {
          ...{ mimeType: 'video/H264', payloadType, clockRate: 90_000 },
          // What browsers have; the profile in the stream may be a higher one, which they decode as well.
          parameters: { 'packetization-mode': 1, 'level-asymmetry-allowed': 1, 'profile-level-id': '42e01f' },
          rtcpFeedback: [{ type: 'nack', parameter: 'pli' }],
        }
      : {
          ...{ mimeType: 'audio/opus', payloadType, clockRate: 48_000, channels: 2 },
          parameters: { 'sprop-stereo': 1 },
          rtcpFeedback: [],
        };
  return {
    codecs: [codec],
    headerExtensions: [],
    encodings: [{ ssrc: SSRC[kind] }],
    // The same for both, so that they are known to be of one clock.
    rtcp: { cname: 'ingest', reducedSize: true },
  };
}
