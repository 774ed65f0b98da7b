import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger, steadyNow } from '@amphi/rooms';
import type { FilmChoice } from '../compose/layout.ts';
import type { RunningProgram } from '../program/create-program.ts';
import { LIVE_FILM_FILE, LiveFilm } from './live-film.ts';

/** The end of a film is waited for so long: it is some seconds behind, and more where the machine is busy. */
const END_WITHIN_MS = 20_000;

/**
 * Why a film is not made while the recording goes on, but of the originals when it is over: there are no cores free for it,
 * no ffmpeg, what made it failed, or it has somebody in it who refused.
 */
export type NotLive = 'no-cores' | 'no-ffmpeg' | 'failed' | 'refused';

/** Opens the program of a film, of those people only of whom `includes` says so; or answers why there is none. */
export type OpenFilmProgram = (
  includes: (memberId: string) => boolean,
  choice: FilmChoice,
) => Promise<RunningProgram | NotLive>;

export type LiveComposerOptions = {
  folder: string;
  choice: FilmChoice;
  open: OpenFilmProgram;
  includes(memberId: string): boolean;
  onNotLive(reason: NotLive): void;
  /** Milliseconds since the epoch, by the clock of the recording. */
  now(): number;
  logger: Logger;
};

/** Makes the film of a recording while it goes on; where that fails nothing is left of it. */
export class LiveComposer {
  readonly #options: LiveComposerOptions;
  #opening: Promise<void> = Promise.resolve();
  #program: RunningProgram | undefined;
  #film: LiveFilm | undefined;
  #detach: (() => void) | undefined;
  #isOver = false;
  #giving: Promise<void> = Promise.resolve();

  constructor(options: LiveComposerOptions) {
    this.#options = options;
  }

  /** Opens what the film is made of, so that it is ready when the recording starts. */
  open(): void {
    this.#opening = this.#open();
  }

  /** Whether the beginning of a track would be missing in a film that starts now. */
  awaits(trackId: string): boolean {
    return !this.#isOver && (this.#program?.awaits(trackId) ?? true);
  }

  /** `startedAt`: what the film begins with, in milliseconds since the epoch. Does not reject. */
  async start(startedAt: number): Promise<void> {
    const { folder, choice, logger } = this.#options;
    await this.#opening;
    if (!this.#program || this.#isOver) return;
    this.#film = new LiveFilm({
      ...{ folder, startedAt: startedAt + this.#ahead, hasPicture: choice.layout !== 'audio' },
      onFailed: (error) => {
        logger.warn({ err: error }, 'the film of a recording cannot be made live');
        this.giveUp('failed');
      },
    });
    this.#detach = this.#program.attach(this.#film);
    this.#program.begin(startedAt + this.#ahead);
  }

  /** Somebody agreed, or does no longer. */
  refresh(): void {
    this.#program?.refresh();
  }

  /** What there is of the film is deleted: it is made of the originals when the recording is over. */
  giveUp(reason: NotLive): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#giving = this.#close().then(async (film) => {
      await film?.finish(0);
      await rm(join(this.#options.folder, LIVE_FILM_FILE), { force: true });
    });
    this.#options.onNotLive(reason);
  }

  /** The recording ended then. Resolves when the film is on the disk, or deleted where it is none. */
  async finish(endedAt: number): Promise<void> {
    if (!this.#isOver) {
      const end = endedAt + this.#ahead;
      this.#program?.freeze();
      if (this.#film) await Promise.race([this.#film.until(end), sleep(END_WITHIN_MS)]);
      // It may have been given up meanwhile.
      if (!this.#isOver) {
        this.#isOver = true;
        const film = await this.#close();
        const isWhole = await film?.finish(end);
        if (isWhole !== true) await rm(join(this.#options.folder, LIVE_FILM_FILE), { force: true });
      }
    }
    await this.#giving;
  }

  async #open(): Promise<void> {
    const { open, includes, choice, logger } = this.#options;
    try {
      const program = await open(includes, choice);
      if (typeof program === 'string') this.giveUp(program);
      else if (this.#isOver) await program.close();
      else this.#program = program;
    } catch (error) {
      logger.warn({ err: error }, 'the film of a recording cannot be made live');
      this.giveUp('failed');
    }
  }

  /** How far the clock of programs, which nobody sets, is ahead of that of the recording. */
  get #ahead(): number {
    return steadyNow() - this.#options.now();
  }

  async #close(): Promise<LiveFilm | undefined> {
    const [program, film] = [this.#program, this.#film];
    this.#detach?.();
    this.#program = undefined;
    this.#film = undefined;
    await program?.close();
    return film;
  }
}
