import { createHmac, timingSafeEqual } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AmphiError } from '@amphi/protocol';
import type { Logger } from '@amphi/rooms';
import type { Manifest } from '../recorder/manifest.ts';
import type { Recorder } from '../recorder/recorder.ts';
import { type FilmChoice, filmFile, type FilmJob, Films } from './films.ts';

export type LibraryOptions = {
  recorder: Recorder;
  /** Signs links. */
  key: Buffer;
  /** Recordings are deleted after so many days. */
  retentionDays: number;
  logger: Logger;
  filmsAtOnce?: number;
  now?: () => number;
};

export type LibraryFile = { file: string; label: string; bytes: number; durationMs: number };
export type LibraryEntry = {
  id: string;
  state: Manifest['state'];
  startedAt: number;
  durationMs: number;
  people: string[];
  bytes: number;
  films: LibraryFile[];
  /** Films that are not done. */
  jobs: FilmJob[];
  tracks: LibraryFile[];
};

/** What was recorded, for those who may have it: the caller sees to that, and names the room. */
export interface Library {
  list(roomId: string): Promise<LibraryEntry[]>;
  /** A path with a signature that is good for some minutes. @throws AmphiError `not-found` */
  link(roomId: string, id: string, file: string): Promise<{ path: string; expiresAt: number }>;
  /** The file that a link leads to; undefined when its signature is wrong or its time is over. */
  open(id: string, file: string, query: { expires: string; signature: string }): string | undefined;
  /** Asks for a film. @throws AmphiError `not-found`, or `wrong-state` for a recording under way or with nothing in it */
  film(roomId: string, id: string, choice: FilmChoice): Promise<void>;
  /** Deletes the bytes. @throws AmphiError `not-found`, or `wrong-state` for a recording under way */
  remove(roomId: string, id: string): Promise<void>;
  /** A recording ended: its film is made. */
  ended(manifest: Manifest): void;
  /** Deletes what is older than it may be; also done by itself once a day. Answers how many. */
  prune(): Promise<number>;
  close(): Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const LINK_MS = 15 * 60_000;
const FILMS: readonly FilmChoice[] = (['grid', 'speaker', 'screen', 'audio'] as const).flatMap((layout) =>
  ([720, 1080] as const).map((height) => ({ layout, height })),
);
const AFTER_THE_CALL: FilmChoice = { layout: 'grid', height: 720 };

export function createLibrary(options: LibraryOptions): Library {
  const { recorder, logger, now = Date.now } = options;
  const films = new Films({ logger, ...(options.filmsAtOnce === undefined ? {} : { atOnce: options.filmsAtOnce }) });
  const timer = setInterval(() => void prune(), DAY_MS).unref();

  async function find(roomId: string, id: string): Promise<{ manifest: Manifest; folder: string }> {
    const manifest = await recorder.get(id);
    const folder = recorder.folderOf(id);
    if (!manifest || folder === undefined || manifest.roomId !== roomId) {
      throw new AmphiError('not-found', 'there is no such recording of this room');
    }
    return { manifest, folder };
  }

  async function entryOf(manifest: Manifest): Promise<LibraryEntry> {
    const { id, state, startedAt, endedAt, people } = manifest;
    const durationMs = (endedAt ?? now()) - startedAt;
    const folder = recorder.folderOf(id) ?? '';
    const made = await Promise.all(
      FILMS.map(async (choice): Promise<LibraryFile[]> => {
        const file = await stat(join(folder, filmFile(choice))).catch(() => undefined);
        return file
          ? [{ file: filmFile(choice), label: `${choice.layout} ${choice.height}p`, bytes: file.size, durationMs }]
          : [];
      }),
    );
    const names = new Map(people.map((person) => [person.id, person.name]));
    const tracks = manifest.tracks.flatMap(({ personId, source, parts }) =>
      parts.map(({ file, bytes, durationMs: length }) => ({
        ...{ file, bytes, durationMs: length },
        label: `${names.get(personId) ?? ''} · ${source}`,
      })),
    );
    const bytes = [...made.flat(), ...tracks].reduce((sum, file) => sum + file.bytes, 0);
    const recorded = people.filter(({ consent }) => consent === 'given').map(({ name }) => name);
    return {
      ...{ id, state, startedAt, durationMs, bytes, tracks },
      people: [...new Set(recorded)],
      films: made.flat(),
      jobs: films.jobs(id),
    };
  }

  function sign(id: string, file: string, expires: string): string {
    return createHmac('sha256', options.key).update(`recording\n${id}\n${file}\n${expires}`).digest('base64url');
  }

  async function prune(): Promise<number> {
    const before = now() - options.retentionDays * DAY_MS;
    let count = 0;
    for (const { id, endedAt } of await recorder.list()) {
      if (endedAt === null || endedAt >= before) continue;
      await films.cancel(id);
      if (await recorder.remove(id)) count += 1;
    }
    if (count > 0) logger.info({ count }, 'recordings that are too old are deleted');
    return count;
  }

  return {
    prune,

    async list(roomId) {
      return Promise.all((await recorder.list(roomId)).map(entryOf));
    },

    async link(roomId, id, file) {
      const { manifest } = await find(roomId, id);
      const entry = await entryOf(manifest);
      if (![...entry.films, ...entry.tracks].some((known) => known.file === file)) {
        throw new AmphiError('not-found', 'this recording has no such file', { path: 'file' });
      }
      const expiresAt = now() + LINK_MS;
      const query = new URLSearchParams({ expires: `${expiresAt}`, signature: sign(id, file, `${expiresAt}`) });
      return { path: `/recordings/${id}/${file}?${query}`, expiresAt };
    },

    open(id, file, { expires, signature }) {
      const folder = recorder.folderOf(id);
      if (folder === undefined || !/^[a-z0-9-]+\.(?:webm|mp4)$/.test(file)) return undefined;
      const [given, wanted] = [Buffer.from(signature), Buffer.from(sign(id, file, expires))];
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
      return Number(expires) > now() ? join(folder, file) : undefined;
    },

    async film(roomId, id, choice) {
      const { manifest, folder } = await find(roomId, id);
      if (manifest.state === 'recording') throw new AmphiError('wrong-state', 'the recording is under way');
      if (isEmpty(manifest)) throw new AmphiError('wrong-state', 'nothing was recorded that could be shown');
      films.add(manifest, folder, choice);
    },

    async remove(roomId, id) {
      await find(roomId, id);
      await films.cancel(id);
      await recorder.remove(id);
    },

    ended(manifest) {
      const folder = recorder.folderOf(manifest.id);
      if (folder !== undefined && !isEmpty(manifest)) films.add(manifest, folder, AFTER_THE_CALL);
    },

    async close() {
      clearInterval(timer);
      await films.close();
    },
  };
}

function isEmpty({ tracks }: Manifest): boolean {
  return tracks.every(({ parts }) => parts.length === 0);
}
