import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@amphi/rooms';
import type { RunningProgram } from '../program/create-program.ts';
import { LIVE_FILM_FILE, LiveFilm } from './live-film.ts';

/**
 * Why a film is not made while the recording goes on, but of the originals when it is over: there are no cores free for it,
 * no ffmpeg, what made it failed, or it has somebody in it who refused.
 */
export type NotLive = 'no-cores' | 'no-ffmpeg' | 'failed' | 'refused';

/** Begins the program of a film, of those people only of whom `includes` says so; or answers why there is none. */
export type OpenFilmProgram = (includes: (memberId: string) => boolean) => Promise<RunningProgram | NotLive>;

export type LiveComposerOptions = {
  folder: string;
  open: OpenFilmProgram;
  includes(memberId: string): boolean;
  onNotLive(reason: NotLive): void;
  logger: Logger;
};

/** Makes the film of a recording while it goes on; where that fails nothing is left of it. */
export class LiveComposer {
  readonly #options: LiveComposerOptions;
  #program: RunningProgram | undefined;
  #film: LiveFilm | undefined;
  #detach: (() => void) | undefined;
  #isOver = false;
  #giving: Promise<void> = Promise.resolve();

  constructor(options: LiveComposerOptions) {
    this.#options = options;
  }

  /** `startedAt`: what the film begins with, in milliseconds since the epoch. Does not reject. */
  async start(startedAt: number): Promise<void> {
    const { open, includes, folder, logger } = this.#options;
    try {
      const program = await open(includes);
      if (typeof program === 'string') {
        this.giveUp(program);
        return;
      }
      if (this.#isOver) {
        await program.close();
        return;
      }
      this.#program = program;
      this.#film = new LiveFilm({
        ...{ folder, startedAt },
        onFailed: (error) => {
          logger.warn({ err: error }, 'the film of a recording cannot be made live');
          this.giveUp('failed');
        },
      });
      this.#detach = program.attach(this.#film);
    } catch (error) {
      logger.warn({ err: error }, 'the film of a recording cannot be made live');
      this.giveUp('failed');
    }
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
      this.#isOver = true;
      const film = await this.#close();
      const isWhole = await film?.finish(endedAt);
      if (isWhole !== true) await rm(join(this.#options.folder, LIVE_FILM_FILE), { force: true });
    }
    await this.#giving;
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
