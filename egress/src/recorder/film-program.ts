import type { Logger, Room } from '@amphi/rooms';
import type { FilmChoice } from '../compose/layout.ts';
import type { TranscodeBudget } from '../program/budget.ts';
import { CANVASES } from '../program/canvas/canvas.ts';
import { createProgram, type RunningProgram } from '../program/create-program.ts';
import { findProgram } from '../program/supervised.ts';
import type { NotLive } from './live-composer.ts';

export type FilmProgramOptions = {
  room: Room;
  /** Who is in the film. */
  includes(memberId: string): boolean;
  choice: FilmChoice;
  budget: TranscodeBudget;
  logger: Logger;
};

/** Opens the program of a film that is made while it is recorded, or says why there is none. Rejects as a join does. */
export async function openFilmProgram(options: FilmProgramOptions): Promise<RunningProgram | NotLive> {
  const { choice, ...others } = options;
  const { layout, height } = choice;
  if (findProgram('ffmpeg') === undefined) return 'no-ffmpeg';
  if (layout === 'audio') return createProgram({ ...others, layout: 'solo', film: { height: undefined } });
  // The canvas takes them when there is somebody to be seen.
  if (options.budget.free < CANVASES[height].cores) return 'no-cores';
  return createProgram({ ...others, layout, film: { height } });
}
