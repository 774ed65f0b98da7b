import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@amphi/rooms';
import { type KeptStream, readStreamFolder, StreamFolder } from './folder.ts';
import { HlsStream } from './stream.ts';

export type HlsShelfOptions = {
  folder: string;
  /** How much of the past viewers may go back to while it is live, in seconds. */
  windowSeconds: number;
  /** Replays are deleted after so many days; with 0 there are none. */
  replayDays: number;
  /** The oldest replays are deleted when all together are larger; of one that is live, what is out of the window. */
  maxBytes: number;
  /** Whether a room was deleted: then its streams are as well. */
  isGone(roomId: string): boolean;
  /** What a room can be watched as changed: live, or a replay, or none. */
  onChange(roomId: string): void;
  logger: Logger;
  now?: () => number;
};

/** The streams of all rooms, those that are live and those that were. */
export interface HlsShelf {
  /** Reads what there is on the disk. To be called once, before anything else. */
  recover(): Promise<void>;
  /** Begins the stream of a room, or goes on with one that the server was killed in a short while ago. */
  begin(roomId: string): HlsStream;
  /** The latest stream of a room that can be played. */
  latest(roomId: string): HlsStream | undefined;
  find(roomId: string, id: string): HlsStream | undefined;
  live(): number;
  /** Deletes all streams of a room that ended, and the bytes of them. Rejects where that fails. */
  deleteEnded(roomId: string): Promise<void>;
  /** Deletes what is too old or too much, and of rooms that are gone; also done by itself each hour. */
  prune(): Promise<void>;
  /** Ends all. */
  close(): Promise<void>;
}

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** Whoever comes back later begins anew. */
const GOES_ON_WITHIN_MS = 10 * 60 * 1000;
/** Disk failures are told so often at most. */
const TELL_EVERY_MS = 60_000;

export function createHlsShelf(options: HlsShelfOptions): HlsShelf {
  const { folder: root, windowSeconds, maxBytes, logger, now = Date.now } = options;
  const keepsAll = options.replayDays > 0;
  /** By room, the oldest first. */
  const streams = new Map<string, HlsStream[]>();
  /** Of those that were cut off, what there is of them. */
  const unfinished = new Map<HlsStream, KeptStream>();
  const timer = setInterval(() => void prune(), HOUR_MS).unref();

  function create(roomId: string, id: string, kept?: KeptStream): HlsStream {
    let toldAt = -Infinity;
    const folder = new StreamFolder(
      join(root, id),
      (error) => {
        stream.lost();
        if (now() - toldAt < TELL_EVERY_MS) return;
        toldAt = now();
        logger.error(
          { err: error, roomId },
          'a live stream cannot be kept on the disk: it goes on without what is lost',
        );
      },
      now,
    );
    const onChange = () => options.onChange(roomId);
    const stream: HlsStream = new HlsStream(
      { id, roomId, folder, windowSeconds, maxBytes, keepsAll, onChange, now },
      kept,
    );
    return stream;
  }

  function put(stream: HlsStream): HlsStream {
    const others = streams.get(stream.roomId) ?? [];
    streams.set(stream.roomId, [...others.filter(({ id }) => id !== stream.id), stream]);
    return stream;
  }

  async function forget(stream: HlsStream): Promise<void> {
    const left = (streams.get(stream.roomId) ?? []).filter((other) => other !== stream);
    if (left.length > 0) streams.set(stream.roomId, left);
    else streams.delete(stream.roomId);
    unfinished.delete(stream);
    await stream.settled();
    await stream.folder.remove();
    options.onChange(stream.roomId);
  }

  async function prune(): Promise<void> {
    const ended = [...streams.values()].flat().filter(({ state }) => state === 'ended');
    let bytes = 0;
    let count = 0;
    for (const stream of ended.toSorted((one, other) => (other.endedAt ?? 0) - (one.endedAt ?? 0))) {
      bytes += stream.bytes;
      const isOld = now() - (stream.endedAt ?? 0) > options.replayDays * DAY_MS;
      if (!isOld && bytes <= options.maxBytes && !options.isGone(stream.roomId)) continue;
      await forget(stream);
      count += 1;
    }
    if (count > 0) logger.info({ count }, 'replays that are too old or too large, or of deleted rooms, are deleted');
  }

  return {
    prune,

    async recover() {
      mkdirSync(root, { recursive: true, mode: 0o700 });
      const found: HlsStream[] = [];
      for (const id of await readdir(root)) {
        const kept = await readStreamFolder(join(root, id));
        const hasSegments = [...(kept?.renditions.values() ?? [])].some(({ segments }) => segments.length > 0);
        if (!kept || !hasSegments) {
          await rm(join(root, id), { recursive: true, force: true });
          continue;
        }
        const stream = create(kept.roomId, id, kept);
        found.push(stream);
        if (kept.endedAt === null) unfinished.set(stream, kept);
      }
      for (const stream of found.toSorted((one, other) => one.startedAt - other.startedAt)) put(stream);
      await prune();
    },

    begin(roomId) {
      const last = streams.get(roomId)?.at(-1);
      const kept = last && unfinished.get(last);
      if (last && kept && now() - (last.endedAt ?? 0) < GOES_ON_WITHIN_MS) {
        unfinished.delete(last);
        return put(create(roomId, last.id, kept));
      }
      return put(create(roomId, `${now().toString(36)}${randomBytes(5).toString('hex')}`));
    },

    // One of which nothing came hides no replay.
    latest: (roomId) => streams.get(roomId)?.findLast(({ state, isPlayable }) => state === 'live' || isPlayable),
    find: (roomId, id) => streams.get(roomId)?.find((stream) => stream.id === id),
    live: () => [...streams.values()].flat().filter(({ state }) => state !== 'ended').length,

    async deleteEnded(roomId) {
      const ended = (streams.get(roomId) ?? []).filter(({ state }) => state === 'ended');
      await Promise.all(ended.map(forget));
    },

    async close() {
      clearInterval(timer);
      const all = [...streams.values()].flat();
      for (const stream of all) stream.ended();
      await Promise.all(all.map((stream) => stream.settled()));
    },
  };
}
