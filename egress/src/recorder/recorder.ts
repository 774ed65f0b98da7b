import { mkdir, readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { AmphiError } from '@amphi/protocol';
import type { Logger, Room } from '@amphi/rooms';
import type { FilmChoice } from '../compose/layout.ts';
import { type Manifest, type Person, USUAL_FILM } from './manifest.ts';
import type { NotLive, OpenFilmProgram } from './live-composer.ts';
import { LIVE_FILM_FILE } from './live-film.ts';
import { readManifest, writeManifest } from './manifest-file.ts';
import { Recording, RESERVE_FILE } from './recording.ts';

export type RecorderOptions = {
  /** Where each recording gets a folder of its own. */
  folder: string;
  /** The room, if somebody is in it. */
  room(id: string): Room | undefined;
  /** No recording is begun with fewer bytes free. */
  minFreeBytes?: number;
  /** A recording is under way. */
  onBegin?(manifest: Manifest): void;
  /** Begins what films are made of while it is recorded; without it all are made of the originals. */
  filmProgram?(room: Room, ...wanted: Parameters<OpenFilmProgram>): ReturnType<OpenFilmProgram>;
  /** A recording is complete on the disk. */
  onEnd?(manifest: Manifest): void;
  logger: Logger;
  now?: () => number;
};

export type StartOptions = {
  roomId: string;
  startedBy: { name: string };
  policy: 'tell' | 'ask';
  consentOf(memberId: string): Person['consent'];
  /** When the film is made: when the recording is over, or while it goes on, to be ready at its end. */
  film?: 'after' | 'live';
  /** Which film; the usual one, where it is not said. */
  choice?: FilmChoice;
  /** It is made afterwards all the same. */
  onNotLive?(reason: NotLive): void;
  /** Called when it is sure to begin, before anything of what people send is read. */
  onBegin?(recording: Recording): void;
  /** What everybody sends has arrived. */
  onArrived?(): void;
  onEnd(manifest: Manifest): void;
};

/** All recordings of this server: those under way, and those on the disk. */
export interface Recorder {
  /**
   * Resolves when it is under way. Rejects with `wrong-state` when the room is being recorded, or there is no room on the
   * disk; or as a join does.
   */
  start(options: StartOptions): Promise<Recording>;
  list(roomId?: string): Promise<Manifest[]>;
  get(id: string): Promise<Manifest | undefined>;
  /** The folder of a recording; undefined for what cannot be the id of one. */
  folderOf(id: string): string | undefined;
  /** Deletes the bytes. @returns false when there is no such recording. Rejects with `wrong-state` for one under way. */
  remove(id: string): Promise<boolean>;
  /** Ends what was under way when the server was killed: call it once, before anything is started. Answers how many. */
  recover(): Promise<number>;
  close(): Promise<void>;
}

const MIN_FREE = 200 * 1024 * 1024;

export function createRecorder(options: RecorderOptions): Recorder {
  const { folder, logger, now = Date.now } = options;
  /** By room. */
  const running = new Map<string, Recording>();
  const starting = new Set<string>();

  const folderOf = (id: string) => (/^[0-9a-f-]{36}$/.test(id) ? join(folder, id) : undefined);

  async function assertSpace(): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < (options.minFreeBytes ?? MIN_FREE)) {
      throw new AmphiError('wrong-state', 'there is no room on the disk for a recording');
    }
  }

  async function ids(): Promise<string[]> {
    try {
      return (await readdir(folder)).filter((name) => folderOf(name) !== undefined);
    } catch {
      return [];
    }
  }

  async function get(id: string): Promise<Manifest | undefined> {
    const live = [...running.values()].find(({ manifest }) => manifest.id === id);
    if (live) return live.manifest;
    const path = folderOf(id);
    return path === undefined ? undefined : readManifest(path);
  }

  return {
    folderOf,
    get,

    async start({ roomId, startedBy, policy, consentOf, film, choice, onNotLive, onBegin, onArrived, onEnd }) {
      const { filmProgram } = options;
      const room = options.room(roomId);
      if (!room) throw new AmphiError('wrong-state', 'nobody is in the room');
      if (running.has(roomId) || starting.has(roomId)) {
        throw new AmphiError('wrong-state', 'the room is being recorded already');
      }
      starting.add(roomId);
      const id = crypto.randomUUID();
      const path = join(folder, id);
      try {
        await assertSpace();
        await mkdir(path, { mode: 0o700 });
        const recording = await Recording.start({
          ...{ id, folder: path, room, startedBy, policy, consentOf, logger, now },
          onBegin(begun) {
            running.set(roomId, begun);
            onBegin?.(begun);
            options.onBegin?.(begun.manifest);
          },
          film: choice ?? USUAL_FILM,
          live: film === 'live' && filmProgram ? (...wanted) => filmProgram(room, ...wanted) : undefined,
          onNotLive: (reason) => onNotLive?.(reason),
          onArrived: () => onArrived?.(),
          onEnd(manifest) {
            if (running.get(roomId)?.manifest.id === id) running.delete(roomId);
            onEnd(manifest);
            options.onEnd?.(manifest);
          },
        });
        return recording;
      } catch (error) {
        running.delete(roomId);
        await rm(path, { recursive: true, force: true });
        throw error;
      } finally {
        starting.delete(roomId);
      }
    },

    async list(roomId) {
      const all = await Promise.all((await ids()).map(get));
      return all
        .filter((manifest) => manifest !== undefined)
        .filter((manifest) => roomId === undefined || manifest.roomId === roomId)
        .toSorted((a, b) => b.startedAt - a.startedAt);
    },

    async remove(id) {
      const path = folderOf(id);
      const manifest = await get(id);
      if (path === undefined || !manifest) return false;
      if (manifest.state === 'recording')
        throw new AmphiError('wrong-state', 'the recording is under way: stop it first');
      await rm(path, { recursive: true, force: true });
      return true;
    },

    async recover() {
      let count = 0;
      for (const id of await ids()) {
        const path = join(folder, id);
        const manifest = await readManifest(path);
        if (manifest?.state !== 'recording') continue;
        await rm(join(path, RESERVE_FILE), { force: true });
        // It has no end. The originals hold as much, and the film is made of them.
        await rm(join(path, LIVE_FILM_FILE), { force: true });
        await writeManifest(path, await closed(path, manifest));
        logger.warn({ recordingId: id }, 'a recording was cut off by the end of the server; what was recorded is kept');
        count += 1;
      }
      return count;
    },

    async close() {
      await Promise.all([...running.values()].map((recording) => recording.stop('interrupted', 'server-stopped')));
    },
  };
}

/** What a server that was killed could not write any more: the ends and sizes, from what is on the disk. */
async function closed(path: string, manifest: Manifest): Promise<Manifest> {
  let endedAt = manifest.startedAt;
  for (const { parts } of manifest.tracks) {
    for (const part of parts) {
      const file = await stat(join(path, part.file)).catch(() => undefined);
      part.bytes = file?.size ?? 0;
      if (!file) continue;
      endedAt = Math.max(endedAt, file.mtimeMs);
      // The file goes on for at most as long as it was written to after the manifest was.
      part.durationMs = Math.round(Math.max(part.durationMs, file.mtimeMs - part.startedAt));
    }
  }
  const people = manifest.people.map((person) => ({ ...person, leftAt: person.leftAt ?? endedAt }));
  return { ...manifest, people, state: 'interrupted', reason: 'server-stopped', endedAt };
}
