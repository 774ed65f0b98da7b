import type { Logger, RoomMedia } from '@amphi/rooms';
import { AacEncoder } from './aac-encoder.ts';
import type { ProgramClock } from './clock.ts';
import { Mixer, SAMPLE_RATE } from './mixer.ts';
import type { ProgramFrame } from './program.ts';
import { SoundSource } from './sound-source.ts';

/** So far behind now sound is mixed, where nothing else is said: until then what was lost on the way may come again. */
const DELAY_MS = 350;
/** So long before it is mixed sound is put where it belongs, by what is known then. */
const PLACE_MS = 150;
/** Each time wakes this process, the encoder, and this process again. */
const MIX_EVERY_MS = 120;

export type SoundOptions = {
  media: Pick<RoomMedia, 'tap'>;
  clock: ProgramClock;
  /** Milliseconds since the epoch, by {@link steadyNow}. */
  now(): number;
  ffmpeg: string;
  /** So far behind now it is mixed: the longer, the better is known by then where it belongs. */
  delayMs?: number | undefined;
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
  /** Of those that are gone; they have kept something back. */
  readonly #ending = new Set<SoundSource>();
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
    const { media, clock, now, delayMs, onPacket } = this.#options;
    const holdMs = delayMs === undefined ? 0 : delayMs - PLACE_MS;
    const source = new SoundSource({ producerId, media, mixer: this.#mixer, clock, now, holdMs, onPacket });
    this.#sources.set(producerId, source);
  }

  remove(producerId: string): void {
    const source = this.#sources.get(producerId);
    if (!source) return;
    this.#sources.delete(producerId);
    source.end();
    this.#ending.add(source);
  }

  /** Takes nothing more: what was taken is mixed. */
  freeze(): void {
    for (const producerId of [...this.#sources.keys()]) this.remove(producerId);
  }

  close(): void {
    clearInterval(this.#timer);
    this.freeze();
    for (const source of this.#ending) source.close();
    this.#ending.clear();
    this.#encoder.close();
  }

  #mix(): void {
    for (const source of this.#sources.values()) source.tick();
    for (const source of this.#ending) {
      if (source.tick()) continue;
      source.close();
      this.#ending.delete(source);
    }
    const samples = this.#due() - this.#mixer.position;
    if (samples > 0) this.#encoder.write(this.#mixer.take(samples));
  }

  /** The position up to which sound is to be mixed by now. */
  #due(): number {
    const { clock, now, delayMs = DELAY_MS } = this.#options;
    return Math.round((clock.timeOf(now() - delayMs) * SAMPLE_RATE) / 1_000_000);
  }
}
