import type { Logger, RoomMedia } from '@amphi/rooms';
import { AacEncoder } from './aac-encoder.ts';
import type { ProgramClock } from './clock.ts';
import { Mixer, SAMPLE_RATE } from './mixer.ts';
import type { ProgramFrame } from './program.ts';
import { SoundSource } from './sound-source.ts';

/** So far behind now sound is mixed: until then what was lost on the way may come again. */
const DELAY_MS = 350;
const MIX_EVERY_MS = 20;

export type SoundOptions = {
  media: Pick<RoomMedia, 'tap'>;
  clock: ProgramClock;
  /** Milliseconds since the epoch, by {@link steadyNow}. */
  now(): number;
  ffmpeg: string;
  onPacket(): void;
  onFrame(frame: ProgramFrame): void;
  logger: Logger;
};

/** The sound of a program: everybody's together, without an end, silent where nobody speaks. */
export class Sound {
  readonly #options: SoundOptions;
  readonly #mixer: Mixer;
  readonly #encoder: AacEncoder;
  readonly #sources = new Map<string, SoundSource>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: SoundOptions) {
    const { clock, ffmpeg, onFrame, logger } = options;
    this.#options = options;
    const position = this.#due();
    this.#mixer = new Mixer(position);
    this.#encoder = new AacEncoder({
      ...{ ffmpeg, position, logger },
      onFrame(at, data) {
        const timeUs = Math.round((at * 1_000_000) / SAMPLE_RATE);
        onFrame({ timeUs, wall: clock.wallOf(timeUs), keyFrame: true, data });
      },
    });
    this.#timer = setInterval(() => this.#mix(), MIX_EVERY_MS).unref();
  }

  /** The process that encodes now. */
  get pid(): number | undefined {
    return this.#encoder.pid;
  }

  add(producerId: string): void {
    if (this.#sources.has(producerId)) return;
    const { media, clock, now, onPacket } = this.#options;
    this.#sources.set(producerId, new SoundSource({ producerId, media, mixer: this.#mixer, clock, now, onPacket }));
  }

  remove(producerId: string): void {
    this.#sources.get(producerId)?.close();
    this.#sources.delete(producerId);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const source of this.#sources.values()) source.close();
    this.#sources.clear();
    this.#encoder.close();
  }

  #mix(): void {
    const samples = this.#due() - this.#mixer.position;
    if (samples > 0) this.#encoder.write(this.#mixer.take(samples));
  }

  /** The position up to which sound is to be mixed by now. */
  #due(): number {
    const { clock, now } = this.#options;
    return Math.round((clock.timeOf(now() - DELAY_MS) * SAMPLE_RATE) / 1_000_000);
  }
}
