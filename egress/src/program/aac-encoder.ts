import type { Logger } from '@amphi/rooms';
import { FragmentParser } from './fragments.ts';
import { CHANNELS, SAMPLE_RATE } from './mixer.ts';
import type { ProgramAudio } from './program.ts';
import { Supervised } from './supervised.ts';

/** Samples in a frame of AAC-LC. */
export const FRAME_SAMPLES = 1024;
const FRAME_BYTES = FRAME_SAMPLES * CHANNELS * 2;
/** A fragment ends with the first frame by which it is so long, and is written when the next one comes, in microseconds. */
const FRAGMENT_US = 100_000;
/** While no encoder runs, sound is kept for so long. */
const KEPT_BYTES = 10 * SAMPLE_RATE * CHANNELS * 2;

/** AAC-LC, 48 kHz, stereo (ISO/IEC 14496-3 section 1.6.2.1). */
export const PROGRAM_AUDIO: ProgramAudio = {
  sampleRate: SAMPLE_RATE,
  channels: CHANNELS,
  config: Buffer.from([0x11, 0x90]),
};

export type AacEncoderOptions = {
  ffmpeg: string;
  bitrate?: number;
  /** Of the first sample that will be written. */
  position: number;
  /** `position`: of the first sample of the frame. */
  onFrame(position: number, data: Buffer): void;
  logger: Logger;
};

/**
 * Encodes sound to AAC by an ffmpeg. What the encoder has not answered is kept, so that another one goes on where it was
 * killed: the sound has no gap by that.
 */
export class AacEncoder {
  readonly #options: AacEncoderOptions;
  readonly #process: Supervised;
  #parser = new FragmentParser();
  /** What was written and not answered, from {@link #position} on. */
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #position: number;
  #isPriming = true;

  constructor(options: AacEncoderOptions) {
    this.#options = options;
    this.#position = options.position;
    const format = ['-f', 's16le', '-ar', `${SAMPLE_RATE}`, '-ac', `${CHANNELS}`];
    // The cheaper way to choose quantizers: half the work, and as good from 64 kbit/s on (ffmpeg-codecs, "aac").
    const coder = ['-c:a', 'aac', '-aac_coder', 'fast'];
    const output = [...coder, '-profile:a', 'aac_low', '-b:a', `${options.bitrate ?? 128_000}`];
    // Several frames a fragment, each of which is written as a whole: with a frame at a time each would wake this process.
    const fragments = ['-f', 'mp4', '-movflags', 'empty_moov+default_base_moof', '-frag_duration', `${FRAGMENT_US}`];
    const together = [...fragments, '-flush_packets', '1'];
    this.#process = new Supervised({
      command: options.ffmpeg,
      args: [
        ...['-v', 'error', '-nostdin', '-probesize', '32', '-analyzeduration', '0'],
        ...[...format, '-i', 'pipe:0', ...output, '-threads', '1', ...together, 'pipe:1'],
      ],
      purpose: 'sound of a program',
      onStart: () => {
        this.#parser = new FragmentParser();
        this.#isPriming = true;
        // Called from its constructor too, before there is anything to hand over.
        if (this.#keptBytes > 0) this.#process.write(Buffer.concat(this.#kept));
      },
      onData: (piece) => this.#take(piece),
      logger: options.logger,
    });
  }

  /** The process that encodes now. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Takes the next samples: signed 16 bits, left and right in turns. */
  write(samples: Buffer): void {
    this.#kept.push(samples);
    this.#keptBytes += samples.length;
    this.#process.write(samples);
    if (this.#keptBytes <= KEPT_BYTES) return;
    this.#forget(this.#keptBytes);
    // One that is so far behind answers for what is forgotten now.
    this.#process.restart();
  }

  close(): void {
    this.#process.close();
  }

  #take(piece: Buffer): void {
    for (const data of this.#parser.push(piece)) {
      // The first frame of an encoder is of what was before the first sample.
      if (this.#isPriming) {
        this.#isPriming = false;
        continue;
      }
      const position = this.#position;
      this.#forget(Math.min(FRAME_BYTES, this.#keptBytes));
      this.#options.onFrame(position, data);
    }
  }

  #forget(bytes: number): void {
    this.#position += bytes / (CHANNELS * 2);
    this.#keptBytes -= bytes;
    for (let left = bytes; left > 0;) {
      const first = this.#kept.shift();
      if (!first) break;
      if (first.length > left) this.#kept.unshift(first.subarray(left));
      left -= first.length;
    }
  }
}
