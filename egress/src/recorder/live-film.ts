import { join } from 'node:path';
import { mp4Fragment, mp4Init, type Mp4Sample, type Mp4Track } from '../containers/mp4.ts';
import { silentFrame } from '../hls/silence.ts';
import type { ProgramFormat, ProgramFrame, ProgramSink } from '../program/program.ts';
import { Spool } from './spool.ts';

/** In the folder of a recording: its film as it is made while the recording goes on. */
export const LIVE_FILM_FILE = 'live.mp4';

const VIDEO = { id: 1, timescale: 90_000 } as const;
/** Samples in a frame of AAC. */
const AAC_FRAME = 1024;
/** What a crash may lose. */
const FRAGMENT_MS = 1000;
/** A picture that does not come for so long does not come at all. */
const PICTURE_WITHIN_MS = 30_000;

export type LiveFilmOptions = {
  folder: string;
  /** What is at the film's time 0, in milliseconds since the epoch by the clock of the program. */
  startedAt: number;
  /** Whether it is more than sound. */
  hasPicture: boolean;
  /** The disk does not take it, or what comes does not go on with what was written. Called once. */
  onFailed(error: Error): void;
};

/**
 * Writes a program as a fragmented MP4 on the clock of the recording. The first picture is shown from the beginning on, and
 * each until the next; where no sound comes there is silence: so the film is as long as the recording, whatever comes.
 */
export class LiveFilm implements ProgramSink {
  readonly #options: LiveFilmOptions;
  readonly #spool: Spool;
  #config: Buffer | undefined;
  #sampleRate = 48_000;
  #channels = 2;
  #sequence = 0;
  #picture: (ProgramFrame & { ticks: number }) | undefined;
  #pictures: { start: number; samples: Mp4Sample[] } = { start: 0, samples: [] };
  #sounds: { start: number; samples: Mp4Sample[] } = { start: 0, samples: [] };
  /** Where the sound has got to, in samples; undefined before the first. */
  #heard: number | undefined;
  #flushedAt = 0;
  #endsAt = Infinity;
  /** Of picture and sound, what has come to the end. */
  readonly #reached = { picture: Promise.withResolvers<void>(), sound: Promise.withResolvers<void>() };
  #failed = false;

  constructor(options: LiveFilmOptions) {
    this.#options = options;
    this.#spool = new Spool(join(options.folder, LIVE_FILM_FILE), (error) => this.#fail(error));
  }

  format({ videos: [video], audio }: ProgramFormat): void {
    if (this.#failed) return;
    const { hasPicture } = this.#options;
    if (this.#config) {
      if (hasPicture && !video?.config.equals(this.#config)) this.#fail(new Error('the picture became another one'));
      return;
    }
    // The picture comes in a moment: there is always one, if an empty one.
    if (!audio || (hasPicture && !video)) return;
    this.#config = video?.config ?? audio.config;
    this.#sampleRate = audio.sampleRate;
    this.#channels = audio.channels;
    const tracks: Mp4Track[] = [
      ...(video ? [{ ...VIDEO, format: { kind: 'video' as const, codec: 'h264' as const, ...video } }] : []),
      { id: 2, timescale: audio.sampleRate, format: { kind: 'audio', codec: 'aac', ...audio } },
    ];
    this.#spool.write([{ bytes: mp4Init(tracks) }]);
  }

  video(rendition: number, frame: ProgramFrame): void {
    if (rendition !== 0 || !this.#config || this.#failed) return;
    if (frame.wall >= this.#endsAt) {
      this.#reached.picture.resolve();
      return;
    }
    const before = this.#picture;
    const ticks = before ? Math.round((this.#ms(frame) * VIDEO.timescale) / 1000) : 0;
    if (before && ticks <= before.ticks) return;
    if (before) this.#pictures.samples.push(sampleOf(before, ticks - before.ticks));
    this.#picture = { ...frame, ticks };
    if (this.#ms(frame) - this.#flushedAt >= FRAGMENT_MS) this.#flush(this.#ms(frame));
  }

  audio(frame: ProgramFrame): void {
    if (this.#failed) return;
    if (frame.wall >= this.#endsAt) {
      this.#reached.sound.resolve();
      return;
    }
    const at = Math.round((this.#ms(frame) * this.#sampleRate) / 1000);
    if (at < 0) return;
    // What is missing is filled by whole frames: so the first of them begins where the frames of the program begin.
    if (this.#heard === undefined) {
      this.#heard = at % AAC_FRAME;
      this.#sounds.start = this.#heard;
    }
    const missing = Math.round((at - this.#heard) / AAC_FRAME);
    if (missing < 0) return;
    this.#silence(missing);
    this.#sounds.samples.push({ data: frame.data, duration: AAC_FRAME, keyFrame: true });
    this.#heard += AAC_FRAME;
    const ms = this.#ms(frame);
    if (!this.#config && ms > PICTURE_WITHIN_MS) this.#fail(new Error('no picture comes'));
    if (!this.#options.hasPicture && ms - this.#flushedAt >= FRAGMENT_MS) this.#flush(ms);
  }

  idle(): void {}
  ended(): void {}

  /** Takes nothing that is later than this; resolves when all of before has come. */
  async until(endedAt: number): Promise<void> {
    this.#endsAt = endedAt;
    const { picture, sound } = this.#reached;
    await Promise.all([sound.promise, ...(this.#options.hasPicture ? [picture.promise] : [])]);
  }

  /** The recording ended then, by the same clock. Answers whether there is a film that can be played. */
  async finish(endedAt: number): Promise<boolean> {
    const ms = endedAt - this.#options.startedAt;
    const before = this.#picture;
    const isThere = this.#heard !== undefined && (before !== undefined || !this.#options.hasPicture);
    const isWhole = this.#config !== undefined && isThere && !this.#failed;
    if (isWhole && this.#heard !== undefined) {
      const ticks = Math.round((ms * VIDEO.timescale) / 1000);
      if (before) this.#pictures.samples.push(sampleOf(before, Math.max(1, ticks - before.ticks)));
      this.#silence(Math.round(((ms * this.#sampleRate) / 1000 - this.#heard) / AAC_FRAME));
      this.#flush(ms);
    }
    await this.#spool.close();
    return isWhole && !this.#failed;
  }

  #silence(frames: number): void {
    for (let frame = 0; frame < frames; frame++) {
      this.#sounds.samples.push({ data: silentFrame(this.#channels), duration: AAC_FRAME, keyFrame: true });
    }
    this.#heard = (this.#heard ?? 0) + Math.max(0, frames) * AAC_FRAME;
  }

  #flush(ms: number): void {
    this.#flushedAt = ms;
    const { start, samples } = this.#pictures;
    const runs = [
      { trackId: VIDEO.id, decodeTime: start, samples },
      { trackId: 2, decodeTime: this.#sounds.start, samples: this.#sounds.samples },
    ].filter((run) => run.samples.length > 0);
    this.#pictures = { start: start + lengthOf(samples), samples: [] };
    this.#sounds = { start: this.#heard ?? 0, samples: [] };
    if (runs.length > 0) this.#spool.write([{ bytes: mp4Fragment(++this.#sequence, runs) }]);
  }

  #ms({ wall }: ProgramFrame): number {
    return wall - this.#options.startedAt;
  }

  #fail(error: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#options.onFailed(error);
  }
}

function sampleOf({ data, keyFrame }: ProgramFrame, duration: number): Mp4Sample {
  return { data, keyFrame, duration };
}

function lengthOf(samples: readonly Mp4Sample[]): number {
  return samples.reduce((sum, { duration }) => sum + duration, 0);
}
