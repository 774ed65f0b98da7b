import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HlsShelf, HlsStream, Program } from '@amphi/egress';
import type { LiveOutputs, StageLayout } from '@amphi/features/live/server.ts';
import type { Logger, Room } from '@amphi/rooms';

/** The part of a program that is asked for here. */
export type StageProgram = Program & { setLayout(layout: StageLayout): void };

export type LiveOutputsOptions = {
  shelf: HlsShelf;
  /** Rejects as a join does. */
  createProgram(options: { room: Room; layout: StageLayout }): Promise<StageProgram>;
  room(id: string): Room | undefined;
  /** Whether only those may watch a room who are told how; undefined where there is no such room. */
  isPrivate(roomId: string): boolean | undefined;
  /** Signs the paths of private events. */
  key: Buffer;
  logger: Logger;
};

export type ServerOutputs = LiveOutputs & {
  /** The stream that a path leads to; undefined where there is none, or its signature is missing or wrong. */
  find(roomId: string, signature: string | undefined, id?: string): HlsStream | undefined;
  /** What is on stage in a room that is live. */
  program(roomId: string): Program | undefined;
  /** A path may have become another one, or none. */
  changed(roomId: string): void;
};

type Running = {
  stream: HlsStream;
  layout: StageLayout;
  changed(): void;
  program: StageProgram | undefined;
  detach: (() => void) | undefined;
};

/** Makes HLS of the rooms that are live. */
export function createLiveOutputs(options: LiveOutputsOptions): ServerOutputs {
  const { shelf, logger } = options;
  const running = new Map<string, Running>();
  /** Whom to tell of a room, also when it is not live any more. */
  const listeners = new Map<string, () => void>();

  async function begin(roomId: string, run: Running): Promise<void> {
    const room = options.room(roomId);
    if (!room) return;
    try {
      const program = await options.createProgram({ room, layout: run.layout });
      if (running.get(roomId) !== run) {
        await program.close();
        return;
      }
      run.program = program;
      // It may have been changed in the meantime.
      program.setLayout(run.layout);
      run.detach = program.attach(run.stream);
    } catch (error) {
      logger.error({ err: error, roomId }, 'a live event cannot be had as HLS');
    }
  }

  function sign(roomId: string, { id }: HlsStream): string {
    return createHmac('sha256', options.key).update(`${roomId}\n${id}`).digest('base64url').slice(0, 22);
  }

  return {
    open(roomId, { layout, changed }) {
      if (running.has(roomId)) return;
      listeners.set(roomId, changed);
      const run: Running = { stream: shelf.begin(roomId), layout, changed, program: undefined, detach: undefined };
      running.set(roomId, run);
      void begin(roomId, run);
    },

    setLayout(roomId, layout) {
      const run = running.get(roomId);
      if (!run) return;
      run.layout = layout;
      run.program?.setLayout(layout);
    },

    close(roomId) {
      const run = running.get(roomId);
      if (!run) return;
      running.delete(roomId);
      run.detach?.();
      run.stream.ended();
      void run.program?.close().catch((error: unknown) => logger.error({ err: error, roomId }, 'a program did not end'));
    },

    hls(roomId) {
      const stream = shelf.latest(roomId);
      const isPrivate = options.isPrivate(roomId);
      if (!stream || stream.state === 'starting' || isPrivate === undefined || stream.renditions.length === 0) return null;
      const base = isPrivate ? `/live/${roomId}/~${sign(roomId, stream)}` : `/live/${roomId}`;
      return stream.state === 'live'
        ? { path: `${base}/index.m3u8`, kind: 'live' }
        : { path: `${base}/${stream.id}/replay.m3u8`, kind: 'replay' };
    },

    find(roomId, signature, id) {
      const stream = id === undefined ? shelf.latest(roomId) : shelf.find(roomId, id);
      if (!stream) return undefined;
      if (signature !== undefined) return isSame(signature, sign(roomId, stream)) ? stream : undefined;
      return options.isPrivate(roomId) === false ? stream : undefined;
    },

    program: (roomId) => running.get(roomId)?.program,
    changed: (roomId) => listeners.get(roomId)?.(),
  };
}

function isSame(one: string, other: string): boolean {
  const [given, wanted] = [Buffer.from(one), Buffer.from(other)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
