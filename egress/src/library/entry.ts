import { type Chapter, chaptersOf } from '../compose/timeline.ts';
import type { Manifest } from '../recorder/manifest.ts';
import type { Archive } from '../storage/archive.ts';
import type { FilmChoice } from '../compose/layout.ts';
import { filmFile, type FilmJob } from './films.ts';
import type { Links } from './links.ts';
import { POSTER_FILE, type Strip, STRIP_FILE, stripOf } from './pictures.ts';
import { sizeOfFile } from './stored-file.ts';

export type LibraryFile = { file: string; label: string; bytes: number; durationMs: number };

export type LibraryEntry = {
  id: string;
  state: Manifest['state'];
  /** Why it was interrupted, as the manifest has it. */
  reason?: string;
  startedAt: number;
  durationMs: number;
  startedBy: string;
  /** Who was recorded, each name once. */
  people: string[];
  bytes: number;
  /** When it is deleted by itself; null while it is under way. */
  deletedAt: number | null;
  films: LibraryFile[];
  /** Films that are not done. */
  jobs: FilmJob[];
  tracks: LibraryFile[];
  chapters: Pick<Chapter, 'atMs' | 'kind' | 'name'>[];
  /** A path that is good for some minutes; null as long as there is none. */
  poster: string | null;
  /** Small pictures for the time line, in one file. */
  strip: (Strip & { path: string }) | null;
  /**
   * Where it is kept: on the server's disk; on its way to the storage; on the disk as long as the storage does not take
   * it; or in the storage.
   */
  storage: 'disk' | 'moving' | 'waiting' | 'stored';
};

const FILMS: readonly FilmChoice[] = (['grid', 'speaker', 'screen', 'audio'] as const).flatMap((layout) =>
  ([720, 1080] as const).map((height) => ({ layout, height })),
);

export type EntryOptions = {
  manifest: Manifest;
  folder: string;
  jobs: FilmJob[];
  links: Links;
  /** Pictures are linked to for this share. */
  share?: string | undefined;
  deletedAt: number | null;
  archive?: Archive | undefined;
  now: number;
};

/** A recording as people see it: by its manifest, and what is in its folder. */
export async function entryOf(options: EntryOptions): Promise<LibraryEntry> {
  const { manifest, jobs, links, share, deletedAt, archive } = options;
  const { id, state, reason, startedAt, startedBy, people } = manifest;
  const durationMs = (manifest.endedAt ?? options.now) - startedAt;
  const sizeOf = (file: string) => sizeOfFile(options.folder, id, file, archive);
  const films = await filmsIn(sizeOf, durationMs);
  const [poster = 0, strip = 0] = await Promise.all([sizeOf(POSTER_FILE), sizeOf(STRIP_FILE)]);
  const pathOf = (file: string) => links.make(id, file, share).path;
  const tracks = tracksOf(manifest);
  const recorded = people.filter(({ consent }) => consent === 'given').map(({ name }) => name);
  return {
    ...{ id, state, startedAt, durationMs, startedBy, deletedAt, films, jobs, tracks },
    ...(reason === undefined ? {} : { reason }),
    people: [...new Set(recorded)],
    bytes: [...films, ...tracks].reduce((sum, file) => sum + file.bytes, poster + strip),
    chapters: chaptersOf(manifest, durationMs).map(({ atMs, kind, name }) => ({ atMs, kind, name })),
    storage: archive ? (await archive.stateOf(id)).state : 'disk',
    poster: poster > 0 ? pathOf(POSTER_FILE) : null,
    strip: strip > 0 ? { ...stripOf(durationMs), path: pathOf(STRIP_FILE) } : null,
  };
}

async function filmsIn(
  sizeOf: (file: string) => Promise<number | undefined>,
  durationMs: number,
): Promise<LibraryFile[]> {
  const found = await Promise.all(
    FILMS.map(async (choice): Promise<LibraryFile[]> => {
      const file = filmFile(choice);
      const bytes = await sizeOf(file);
      const label = choice.layout === 'audio' ? 'audio' : `${choice.layout} ${choice.height}p`;
      return bytes === undefined ? [] : [{ file, label, bytes, durationMs }];
    }),
  );
  return found.flat();
}

function tracksOf({ people, tracks }: Manifest): LibraryFile[] {
  const names = new Map(people.map((person) => [person.id, person.name]));
  return tracks.flatMap(({ personId, source, parts }) =>
    parts.map(({ file, bytes, durationMs }) => ({
      ...{ file, bytes, durationMs },
      label: `${names.get(personId) ?? ''} · ${source}`,
    })),
  );
}
