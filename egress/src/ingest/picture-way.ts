import type { Logger } from '@amphi/rooms';
import { readAvcConfig } from '../codecs/avc-config.ts';
import { readSps, type Sps } from '../codecs/sps.ts';
import type { TranscodeBudget } from '../program/budget.ts';
import { encodingCores, PictureEncoder } from './picture-encoder.ts';
import type { PictureTrack } from './picture-track.ts';

/** Profiles that browsers decode: (constrained) baseline, main, high. */
const DECODABLE: ReadonlySet<number> = new Set([66, 77, 100]);
/** After so many ends in a row nothing will come of it. */
const MAX_FAILURES = 4;

/**
 * What is done with the picture: nothing, as it can be shown as it is; encoded anew, as it cannot; or nothing, though it should
 * be, for there is no core free for it, no ffmpeg, or one that cannot do it.
 */
export type PictureTreatment = 'as-sent' | 'encoded' | 'no-core' | 'no-ffmpeg';

export type PictureWayOptions = {
  track: PictureTrack;
  ffmpeg(): string | undefined;
  budget: TranscodeBudget;
  logger: Logger;
};

type Source = { record: Buffer; sps: Sps };

/**
 * The way of H.264 from a program to the room: as it is, where WebRTC can show it; where it cannot (B-frames, profiles that
 * browsers do not decode), through an encoder, as far as the budget goes. It changes at key frames only.
 */
export class PictureWay {
  readonly #options: PictureWayOptions;
  #source: Source | undefined;
  #isReordered = false;
  #encoder: PictureEncoder | undefined;
  #release: (() => void) | undefined;
  #treatment: PictureTreatment = 'as-sent';
  #isBroken = false;

  constructor(options: PictureWayOptions) {
    this.#options = options;
  }

  get treatment(): PictureTreatment {
    return this.#treatment;
  }

  /** The process that encodes now; undefined where there is none. */
  get pid(): number | undefined {
    return this.#encoder?.pid;
  }

  /** @throws RangeError */
  configure(record: Buffer): void {
    // Some programs say it again with each key frame.
    if (this.#source?.record.equals(record)) return;
    const [sps] = readAvcConfig(record).sps;
    if (!sps) return;
    this.#source = { record: Buffer.from(record), sps: readSps(sps) };
    this.#isReordered = false;
    this.#isBroken = false;
    this.#stop();
    this.#options.track.configure(this.#source.record);
  }

  /**
   * Takes a picture that is shown `shiftMs` after `ms`.
   * @throws RangeError for a picture that is cut off
   */
  write(ms: number, shiftMs: number, data: Buffer, keyFrame: boolean): void {
    if (!this.#source) return;
    this.#isReordered ||= shiftMs !== 0 && this.#source.sps.mayReorder;
    if (keyFrame) this.#choose(this.#source);
    if (this.#encoder) this.#encoder.write(ms, shiftMs, data, keyFrame);
    else this.#options.track.write(ms + shiftMs, data, keyFrame);
  }

  /** As {@link PictureEncoder.requestKeyFrame}, where there is one. */
  requestKeyFrame(): void {
    this.#encoder?.requestKeyFrame();
  }

  close(): void {
    this.#stop();
  }

  #choose({ record, sps }: Source): void {
    if (this.#encoder || !(this.#isReordered || !DECODABLE.has(sps.profile))) return;
    const { budget, logger, track } = this.#options;
    const before = this.#treatment;
    const ffmpeg = this.#isBroken ? undefined : this.#options.ffmpeg();
    this.#release = ffmpeg === undefined ? undefined : budget.take(encodingCores(sps));
    if (ffmpeg === undefined || !this.#release) {
      this.#treatment = ffmpeg === undefined ? 'no-ffmpeg' : 'no-core';
      if (this.#treatment !== before) {
        const needs = { treatment: this.#treatment, needed: encodingCores(sps), free: budget.free };
        logger.warn(needs, 'a picture that WebRTC cannot show well goes on as it is');
      }
      return;
    }
    this.#treatment = 'encoded';
    this.#encoder = new PictureEncoder({
      ...{ ffmpeg, config: record, sps, logger },
      onConfig: (config) => track.configure(config),
      onFrame: (ms, data, keyFrame) => track.write(ms, data, keyFrame),
      onFailure: (failures) => {
        if (failures < MAX_FAILURES) return;
        this.#isBroken = true;
        this.#stop();
        this.#treatment = 'no-ffmpeg';
        track.configure(record);
      },
    });
  }

  #stop(): void {
    this.#encoder?.close();
    this.#encoder = undefined;
    this.#release?.();
    this.#release = undefined;
    this.#treatment = 'as-sent';
  }
}
