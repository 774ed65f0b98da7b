import { AmphiError } from '@amphi/protocol';
import type { Logger } from '@amphi/rooms';
import type { FilmChoice } from '../compose/layout.ts';
import type { Manifest } from '../recorder/manifest.ts';
import type { Recorder } from '../recorder/recorder.ts';
import type { Archive } from '../storage/archive.ts';
import { entryOf, type LibraryEntry } from './entry.ts';
import { Films } from './films.ts';
import { createLinks, type LinkQuery } from './links.ts';
import { openFile, type StoredFile } from './stored-file.ts';

export type LibraryOptions = {
  recorder: Recorder;
  /** Signs links. */
  key: Buffer;
  /** After how many days the recordings of a room are deleted. */
  retentionDays(roomId: string): number;
  /** Since when a room is the one that it is; what was recorded before is none of its recordings. */
  since?(roomId: string): number;
  /** Whether a share is still good for this recording. */
  isShared?(shareId: string, recordingId: string): boolean;
  /** A recording was deleted. */
  onRemoved?(recordingId: string): void;
  /** Where recordings are kept besides the disk; closed with the library. */
  archive?: Archive | undefined;
  logger: Logger;
  filmsAtOnce?: number;
  storageRetryMs?: number;
  now?: () => number;
};

/** What was recorded, for those who may have it: the caller sees to that, and names the room. */
export interface Library {
  /** The latest first. */
  list(roomId: string): Promise<LibraryEntry[]>;
  /** @throws AmphiError `not-found` */
  get(roomId: string, id: string): Promise<LibraryEntry>;
  /** A path with a signature that is good for some minutes. @throws AmphiError `not-found` */
  link(roomId: string, id: string, file: string): Promise<{ path: string; expiresAt: number }>;
  /** The same for a file of a shared recording, which is good no longer than the share. */
  sharedLink(id: string, file: string, share: string): { path: string; expiresAt: number };
  /** The file that a link leads to; undefined when its signature is wrong or its time is over. */
  open(id: string, file: string, query: LinkQuery): Promise<StoredFile | undefined>;
  /** Asks for a film. @throws AmphiError `not-found`, or `wrong-state` for a recording under way or with nothing in it */
  film(roomId: string, id: string, choice: FilmChoice): Promise<void>;
  /** Deletes the bytes. @throws AmphiError `not-found`, or `wrong-state` for a recording under way */
  remove(roomId: string, id: string): Promise<void>;
  /** A recording began: it is kept elsewhere while it is made, where it is to be. */
  began(manifest: Manifest): void;
  /** Whether something is still to be made of a recording. */
  isMaking(id: string): boolean;
  /** A recording ended: its picture and its film are made. */
  ended(manifest: Manifest): void;
  /** Goes on with what a server that ended left to be made: call it once, before anything is recorded. */
  resume(): Promise<void>;
  /** The share's recording, for whoever has been let in by it. @throws AmphiError `not-found` */
  shared(id: string, share: string): Promise<LibraryEntry>;
  /** Deletes all recordings of a room but one under way. */
  removeAll(roomId: string): Promise<void>;
  /** The rooms that have recordings, as of the last look: to be kept as long. */
  rooms(): Iterable<string>;
  /** Deletes what is older than it may be; also done by itself once a day. Answers how many. */
  prune(): Promise<number>;
  close(): Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1000;

export function createLibrary(options: LibraryOptions): Library {
  const { recorder, logger, archive, now = Date.now } = options;
  const films = new Films({
    logger,
    ...(options.filmsAtOnce === undefined ? {} : { atOnce: options.filmsAtOnce }),
    ...(options.storageRetryMs === undefined ? {} : { storageRetryMs: options.storageRetryMs }),
    ...(archive ? { use: archive.use } : {}),
  });
  const links = createLinks(options.key, now);
  const rooms = new Set<string>();
  const timer = setInterval(() => void prune(), DAY_MS).unref();

  async function find(roomId: string, id: string): Promise<{ manifest: Manifest; folder: string }> {
    const manifest = await recorder.get(id);
    const folder = recorder.folderOf(id);
    if (!manifest || folder === undefined || !isOf(roomId, manifest)) {
      throw new AmphiError('not-found', 'there is no such recording of this room');
    }
    return { manifest, folder };
  }

  function isOf(roomId: string, manifest: Manifest): boolean {
    return manifest.roomId === roomId && manifest.startedAt >= (options.since?.(roomId) ?? 0);
  }

  function shown(manifest: Manifest, share?: string): Promise<LibraryEntry> {
    const { id } = manifest;
    const folder = recorder.folderOf(id) ?? '';
    const deletedAt = deletedAtOf(manifest);
    return entryOf({ ...{ manifest, folder, links, share, deletedAt, archive }, jobs: films.jobs(id), now: now() });
  }

  function deletedAtOf({ roomId, endedAt }: Manifest): number | null {
    return endedAt === null ? null : endedAt + options.retentionDays(roomId) * DAY_MS;
  }

  async function remove(id: string): Promise<boolean> {
    await films.cancel(id);
    await archive?.remove(id);
    const wasThere = await recorder.remove(id);
    if (wasThere) options.onRemoved?.(id);
    return wasThere;
  }

  async function prune(): Promise<number> {
    let count = 0;
    const manifests = await recorder.list();
    rooms.clear();
    for (const { roomId } of manifests) rooms.add(roomId);
    for (const manifest of manifests) {
      const deletedAt = deletedAtOf(manifest);
      if (deletedAt === null || deletedAt >= now()) continue;
      if (await remove(manifest.id)) count += 1;
    }
    if (count > 0) logger.info({ count }, 'recordings that are too old are deleted');
    return count;
  }

  function ended(manifest: Manifest): void {
    const folder = recorder.folderOf(manifest.id);
    if (!isOf(manifest.roomId, manifest)) {
      // The room was deleted while it was recorded.
      remove(manifest.id).catch((error: unknown) => logger.error({ err: error }, 'a recording could not be deleted'));
      return;
    }
    rooms.add(manifest.roomId);
    if (folder === undefined) return;
    if (!isEmpty(manifest)) makeFrom(manifest, folder);
    archive?.changed(manifest.id);
  }

  function makeFrom(manifest: Manifest, folder: string): void {
    if (hasPicture(manifest)) films.addPoster(manifest, folder);
    films.add(manifest, folder, manifest.film);
  }

  return {
    prune,
    ended,
    began: ({ id }) => archive?.changed(id),
    isMaking: (id) => films.jobs(id).some(({ state }) => state !== 'failed'),

    async list(roomId) {
      const manifests = (await recorder.list(roomId)).filter((manifest) => isOf(roomId, manifest));
      return Promise.all(manifests.map((manifest) => shown(manifest)));
    },

    get: async (roomId, id) => shown((await find(roomId, id)).manifest),

    async shared(id, share) {
      const manifest = await recorder.get(id);
      if (!manifest) throw new AmphiError('not-found', 'there is no such recording');
      return shown(manifest, share);
    },

    async removeAll(roomId) {
      for (const manifest of await recorder.list(roomId)) {
        if (manifest.state !== 'recording' && isOf(roomId, manifest)) await remove(manifest.id);
      }
    },

    rooms: () => rooms,

    async link(roomId, id, file) {
      const entry = await shown((await find(roomId, id)).manifest);
      if (![...entry.films, ...entry.tracks].some((known) => known.file === file)) {
        throw new AmphiError('not-found', 'this recording has no such file', { path: 'file' });
      }
      return links.make(id, file);
    },

    sharedLink: (id, file, share) => links.make(id, file, share),

    async open(id, file, query) {
      const folder = recorder.folderOf(id);
      if (folder === undefined || !links.isGood(id, file, query)) return undefined;
      const isOver = query.share !== undefined && options.isShared?.(query.share, id) !== true;
      return isOver ? undefined : openFile(folder, id, file, archive);
    },

    async film(roomId, id, choice) {
      const { manifest, folder } = await find(roomId, id);
      if (manifest.state === 'recording') throw new AmphiError('wrong-state', 'the recording is under way');
      if (isEmpty(manifest)) throw new AmphiError('wrong-state', 'nothing was recorded that could be shown');
      films.add(manifest, folder, choice);
    },

    async remove(roomId, id) {
      const { manifest } = await find(roomId, id);
      if (manifest.state === 'recording') {
        throw new AmphiError('wrong-state', 'the recording is under way: stop it first');
      }
      await remove(id);
    },

    async resume() {
      archive?.resume();
      for (const manifest of await recorder.list()) {
        archive?.changed(manifest.id);
        const folder = recorder.folderOf(manifest.id);
        if (folder === undefined || manifest.state === 'recording' || isEmpty(manifest)) continue;
        const { films: made, poster, strip } = await shown(manifest);
        if (poster === null && hasPicture(manifest)) films.addPoster(manifest, folder);
        const wasQueued = await films.resume(manifest, folder);
        // Cut off by the end of the server, nobody has asked for its film.
        if (!wasQueued && made.length === 0) films.add(manifest, folder, manifest.film);
        const film = made.find(({ label }) => label !== 'audio');
        if (film && strip === null) films.addStrip(manifest, folder, film.file);
      }
    },

    async close() {
      clearInterval(timer);
      await films.close();
      await archive?.close();
    },
  };
}

function isEmpty({ tracks }: Manifest): boolean {
  return tracks.every(({ parts }) => parts.length === 0);
}

function hasPicture({ tracks }: Manifest): boolean {
  return tracks.some(({ kind, parts }) => kind === 'video' && parts.some(({ durationMs }) => durationMs > 0));
}
