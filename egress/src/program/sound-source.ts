import type { MediaTap, RoomMedia } from '@amphi/rooms';
import { OpusDecoder } from 'opus-decoder';
import type { Frame } from '../rtp/frame.ts';
import { FrameReader } from '../rtp/frame-reader.ts';
import { opusDuration } from '../rtp/opus.ts';
import type { ProgramClock } from './clock.ts';
import { type Mixer, SAMPLE_RATE } from './mixer.ts';

/** A packet that comes again is waited for so long: less than what the mix is behind. */
const WAIT_MS = 250;
/** Sound that is off by so much is put right when there is a quiet moment, or at once. */
const OFF_SAMPLES = 0.02 * SAMPLE_RATE;
const FAR_OFF_SAMPLES = 0.04 * SAMPLE_RATE;
/** Softer than this nobody hears a cut. */
const QUIET = 0.003;
/** Sound begins over so many samples, so that it does not click. */
const FADE_SAMPLES = 120;
/** Whoever sends what is no Opus is not listened to for a while: the decoder's complaints go to the console. */
const MAX_ERRORS = 5;
const DEAF_MS = 10_000;

export type SoundSourceOptions = {
  producerId: string;
  media: Pick<RoomMedia, 'tap'>;
  mixer: Mixer;
  clock: ProgramClock;
  /** Milliseconds since the epoch, by {@link steadyNow}. */
  now(): number;
  /** So long what comes is kept back, until more is known of when it was. */
  holdMs: number;
  /** Something came. */
  onPacket(): void;
};

/** Somebody's sound on its way into the mix: decoded, and put where it belongs by the wall clock. */
export class SoundSource {
  readonly #options: SoundSourceOptions;
  readonly #tap: MediaTap;
  #decoder: OpusDecoder | undefined;
  /** Where the sound of an RTP time is put. */
  #anchor: { rtp: number; position: number } | undefined;
  /** The RTP time at which the sound goes on without a gap. */
  #nextRtp: number | undefined;
  #errors = 0;
  #waiting: { frame: Frame; wall: number; at: number }[] = [];
  #deafUntil = -Infinity;
  #closed = false;

  constructor(options: SoundSourceOptions) {
    this.#options = options;
    const { producerId, media, now } = options;
    const reader = new FrameReader({
      sink: {
        started: () => void this.#renew(),
        frame: (frame, { codec }, wall) => {
          options.onPacket();
          if (codec === 'opus') this.#wait(frame, wall);
        },
        clock: ({ shift }) => {
          for (const waiting of this.#waiting) waiting.wall += shift;
        },
        paused() {},
        stopped() {},
      },
      requestKeyFrame() {},
      now,
      waitMs: WAIT_MS,
    });
    this.#tap = media.tap(producerId, {
      started: (stream) => reader.started(stream),
      rtp: (packet) => reader.rtp(packet),
      senderReport: (report) => reader.senderReport({ ...report, capturedAt: report.steadyAt }),
      paused: (paused) => reader.paused(paused),
      stopped: () => reader.stopped(),
    });
  }

  /** To be called several times while `holdMs` go by. Answers whether there is more to come of it. */
  tick(): boolean {
    const { now, holdMs } = this.#options;
    // What was held up on its way, or with this machine, is not held longer for it: it would come too late for the mix.
    const young = this.#waiting.findIndex(({ at, wall }) => now() - Math.min(at, wall) < holdMs);
    for (const { frame, wall } of this.#waiting.splice(0, young < 0 ? this.#waiting.length : young)) {
      this.#take(frame, wall);
    }
    return this.#waiting.length > 0;
  }

  /** Takes nothing more. What it has kept back is still to come. */
  end(): void {
    this.#tap.close();
  }

  close(): void {
    this.#closed = true;
    this.#tap.close();
    this.#decoder?.free();
    this.#decoder = undefined;
  }

  async #renew(): Promise<void> {
    this.#anchor = undefined;
    this.#nextRtp = undefined;
    this.#decoder?.free();
    this.#decoder = undefined;
    const decoder = new OpusDecoder({ channels: 2 });
    await decoder.ready;
    // Another may have been made meanwhile.
    if (this.#closed || this.#decoder) decoder.free();
    else this.#decoder = decoder;
  }

  #wait(frame: Frame, wall: number): void {
    this.#waiting.push({ frame, wall, at: this.#options.now() });
  }

  #take({ timestamp, data }: Frame, wall: number): void {
    const { mixer, clock, now } = this.#options;
    if (!this.#decoder || now() < this.#deafUntil) return;
    const { channelData, samplesDecoded, errors } = this.#decoder.decodeFrame(data);
    const [left, right] = channelData;
    if (errors.length > 0 || !left || !right || samplesDecoded === 0) {
      this.#errors += 1;
      if (this.#errors % MAX_ERRORS === 0) this.#deafUntil = now() + DEAF_MS;
      return;
    }
    const isGap = timestamp !== this.#nextRtp;
    this.#nextRtp = timestamp + opusDuration(data);
    const belongs = Math.round((clock.timeOf(wall) * SAMPLE_RATE) / 1_000_000);
    const position = this.#place(timestamp, belongs, isGap || isQuiet(left));
    if (isGap || position !== undefined) fadeIn(left, right);
    mixer.add(this.#anchoredAt(timestamp), left, right);
  }

  /** Puts the anchor right where it is off; answers the new place where that is heard. */
  #place(rtp: number, belongs: number, mayMove: boolean): number | undefined {
    const off = this.#anchor ? Math.abs(belongs - this.#anchoredAt(rtp)) : Infinity;
    if (off <= OFF_SAMPLES || (off <= FAR_OFF_SAMPLES && !mayMove)) return undefined;
    this.#anchor = { rtp, position: belongs };
    return belongs;
  }

  #anchoredAt(rtp: number): number {
    const { rtp: known, position } = this.#anchor ?? { rtp, position: 0 };
    return position + rtp - known;
  }
}

function isQuiet(samples: Float32Array): boolean {
  return samples.every((sample) => Math.abs(sample) < QUIET);
}

function fadeIn(...channels: Float32Array[]): void {
  for (const samples of channels) {
    for (let at = 0; at < Math.min(FADE_SAMPLES, samples.length); at++) {
      samples[at] = ((samples[at] ?? 0) * at) / FADE_SAMPLES;
    }
  }
}
