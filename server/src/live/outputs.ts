import { createHmac } from 'node:crypto';
import type { HlsShelf, HlsStream, ProgramLease } from '@amphi/egress';
import type { LiveOutputs } from '@amphi/features/live/server.ts';
import { type Logger, sameText } from '@amphi/rooms';
import type { Programs } from './programs.ts';

export type LiveOutputsOptions = {
  shelf: HlsShelf;
  /** Undefined where there shall be no HLS: what was live before can be watched all the same. */
  programs: Pick<Programs, 'use' | 'setLayout'> | undefined;
  /** Whether only those may watch a room who are told how; undefined where there is no such room. */
  isPrivate(roomId: string): boolean | undefined;
  /** Signs the paths of private events. */
  key: Buffer;
  logger: Logger;
};

export type ServerOutputs = LiveOutputs & {
  /** The stream that a path leads to; undefined where there is none, or its signature is missing or wrong. */
  find(roomId: string, signature: string | undefined, id?: string): HlsStream | undefined;
  /** A path may have become another one, or none. */
  changed(roomId: string): void;
};

type Running = { stream: HlsStream; lease: ProgramLease | undefined; detach: (() => void) | undefined };

/** Makes HLS of the rooms that are live. */
export function createLiveOutputs(options: LiveOutputsOptions): ServerOutputs {
  const { shelf, logger } = options;
  const running = new Map<string, Running>();
  /** Whom to tell of a room, also when it is not live any more. */
  const listeners = new Map<string, () => void>();

  async function begin(roomId: string, run: Running, programs: Pick<Programs, 'use'>): Promise<void> {
    try {
      const lease = await programs.use(roomId);
      if (running.get(roomId) !== run) {
        lease.release();
        return;
      }
      run.lease = lease;
      run.detach = lease.program.attach(run.stream);
    } catch (error) {
      // The room may end, and so the event, while the program joins it.
      if (running.get(roomId) !== run) return;
      logger.error({ err: error, roomId }, 'a live event cannot be had as HLS');
    }
  }

  function sign(roomId: string, { id }: HlsStream): string {
    return createHmac('sha256', options.key).update(`${roomId}\n${id}`).digest('base64url').slice(0, 22);
  }

  return {
    open(roomId, { layout, changed }) {
      const { programs } = options;
      if (!programs || running.has(roomId)) return;
      listeners.set(roomId, changed);
      programs.setLayout(roomId, layout);
      const run: Running = { stream: shelf.begin(roomId), lease: undefined, detach: undefined };
      running.set(roomId, run);
      void begin(roomId, run, programs);
    },

    setLayout: (roomId, layout) => options.programs?.setLayout(roomId, layout),

    close(roomId) {
      const run = running.get(roomId);
      if (!run) return;
      running.delete(roomId);
      run.detach?.();
      // Whoever closes it tells of the end, once.
      listeners.delete(roomId);
      run.stream.ended();
      run.lease?.release();
    },

    hls(roomId) {
      const stream = shelf.latest(roomId);
      const isPrivate = options.isPrivate(roomId);
      if (!stream || stream.state === 'starting' || isPrivate === undefined) return null;
      const base = isPrivate ? `/live/${roomId}/~${sign(roomId, stream)}` : `/live/${roomId}`;
      return stream.state === 'live'
        ? { path: `${base}/index.m3u8`, kind: 'live' }
        : { path: `${base}/${stream.id}/replay.m3u8`, kind: 'replay' };
    },

    find(roomId, signature, id) {
      const stream = id === undefined ? shelf.latest(roomId) : shelf.find(roomId, id);
      const isPrivate = stream && options.isPrivate(roomId);
      if (!stream || isPrivate === undefined) return undefined;
      if (signature !== undefined) return sameText(signature, sign(roomId, stream)) ? stream : undefined;
      return isPrivate ? undefined : stream;
    },

    deleteReplays: (roomId) => shelf.deleteEnded(roomId),

    changed: (roomId) => listeners.get(roomId)?.(),
  };
}
