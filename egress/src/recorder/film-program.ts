import type { Logger, Room } from '@amphi/rooms';
import type { TranscodeBudget } from '../program/budget.ts';
import { CANVAS_CORES } from '../program/canvas/canvas.ts';
import { createProgram, type RunningProgram } from '../program/create-program.ts';
import { findProgram } from '../program/supervised.ts';
import type { NotLive } from './live-composer.ts';

export type FilmProgramOptions = {
  room: Room;
  /** Who is in the film. */
  includes(memberId: string): boolean;
  budget: TranscodeBudget;
  logger: Logger;
};

/** Begins the program of a film that is made while it is recorded, or says why there is none. Rejects as a join does. */
export async function openFilmProgram(options: FilmProgramOptions): Promise<RunningProgram | NotLive> {
  if (findProgram('ffmpeg') === undefined) return 'no-ffmpeg';
  // The canvas takes them when the first picture comes.
  if (options.budget.free < CANVAS_CORES) return 'no-cores';
  return createProgram({ ...options, layout: 'grid', canvasOnly: true });
}
