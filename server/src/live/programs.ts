import {
  createProgram,
  type FilmChoice,
  type NotLive,
  openFilmProgram,
  type ProgramLease,
  ProgramPool,
  type RunningProgram,
  type TranscodeBudget,
} from '@amphi/egress';
import type { StageLayout } from '@amphi/features/live/server.ts';
import { AmphiError } from '@amphi/protocol';
import type { Logger, Room } from '@amphi/rooms';

const DEFAULT_LAYOUT: StageLayout = 'speaker';

/** What is on stage in each room as one picture and one sound, made once for all that take it. */
export interface Programs {
  /** Rejects as a join does, and with `room-not-found` where nobody is in the room. */
  use(roomId: string): Promise<ProgramLease>;
  /** How the stage of a room is laid out, from now on. */
  setLayout(roomId: string, layout: StageLayout): void;
  /** One of its own, for the film of a recording: of those people only who are recorded. Rejects as a join does. */
  openFilm(room: Room, includes: (memberId: string) => boolean, choice: FilmChoice): Promise<RunningProgram | NotLive>;
  close(): Promise<void>;
}

export function createPrograms(options: {
  room(id: string): Room | undefined;
  /** What all transcodes together may use. */
  budget: TranscodeBudget;
  logger: Logger;
}): Programs {
  const { budget, logger } = options;
  const pool = new ProgramPool();
  const layouts = new Map<string, StageLayout>();
  const open = new Map<string, RunningProgram>();

  async function opener(roomId: string): Promise<RunningProgram> {
    const room = options.room(roomId);
    if (!room) throw new AmphiError('room-not-found', 'nobody is in this room');
    const program = await createProgram({ room, budget, logger, layout: layouts.get(roomId) ?? DEFAULT_LAYOUT });
    open.set(roomId, program);
    return program;
  }

  return {
    use: (roomId) => pool.use(roomId, () => opener(roomId)),
    setLayout(roomId, layout) {
      layouts.set(roomId, layout);
      if (pool.rooms.includes(roomId)) open.get(roomId)?.setLayout(layout);
    },
    openFilm: (room, includes, choice) => openFilmProgram({ room, includes, choice, budget, logger }),
    close: () => pool.close(),
  };
}
