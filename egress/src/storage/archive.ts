import { createWriteStream } from 'node:fs';
import { rename, rm, stat, statfs, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as WebStream } from 'node:stream/web';
import type { Logger } from '@amphi/rooms';
import type { Manifest } from '../recorder/manifest.ts';
import { Slots } from '../slots.ts';
import { type FolderUploadOptions, purgeFolder, uploadFolder } from './folder-upload.ts';
import { emptyJournal, type Journal, readJournal } from './journal.ts';
import { Persistent } from './persistent.ts';
import { StorageProblem } from './problem.ts';
import { Removals } from './removals.ts';
import type { Bytes, ObjectStore } from './s3.ts';

export type ArchiveOptions = {
  store: ObjectStore;
  /** Before the keys of all objects: `amphi/`, or nothing. */
  prefix: string;
  /** Of all recordings, each in a folder of its own by its id. */
  folder: string;
  manifestOf(id: string): Promise<Manifest | undefined>;
  /** Whether what is stored is kept on the disk as well. */
  keepLocal: boolean;
  /** Whether something is still to be made of a recording, for which its files are left on the disk. */
  isNeeded?(id: string): boolean;
  logger: Logger;
  /** In milliseconds; for tests. */
  timing?: { liveMs?: number; firstRetryMs?: number; longestRetryMs?: number };
};

/** `moving`: on its way. `waiting`: the storage does not take it now; it is on the disk. `stored`: all of it is there. */
export type ArchiveState = { state: 'moving' | 'waiting' | 'stored'; problem?: string };

/**
 * Brings recordings into a storage while they are made, deletes them on the disk when it has them, and goes on with it
 * after outages and restarts. Metadata and small pictures stay on the disk, so that lists need no storage.
 */
export interface Archive {
  /** There may be something new of a recording: it begins, ended, or something was made of it. */
  changed(id: string): void;
  stateOf(id: string): Promise<ArchiveState>;
  /** How large a file is that is in the storage; undefined for one that is not. */
  sizeOf(id: string, file: string): Promise<number | undefined>;
  /** Both ends included. Rejects with StorageProblem. */
  read(id: string, file: string, range: { start: number; end: number }): Promise<ReadableStream<Bytes>>;
  /** Has files on the disk as long as something is made of them. Rejects with StorageProblem, or when the disk is full. */
  use<T>(id: string, files: readonly string[], signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  /** Ends what is under way and notes that it is deleted in the storage, which happens as soon as that can be reached. */
  remove(id: string): Promise<void>;
  /** Goes on with what is written down as to be deleted. */
  resume(): void;
  close(): Promise<void>;
}

type Job = {
  loop: Persistent;
  stop: AbortController;
  journal: Journal | undefined;
  /** How many have its files in use. */
  users: number;
  purging: Promise<void> | undefined;
  swept: boolean;
};

const LIVE_MS = 5000;
const FIRST_RETRY_MS = 2000;
const LONGEST_RETRY_MS = 60_000;
/** So many recordings are sent at once, each with a part in memory. */
const AT_ONCE = 3;
/** What is fetched from the storage leaves so much of the disk. */
const RESERVE_BYTES = 200 * 1024 * 1024;

export function createArchive(options: ArchiveOptions): Archive {
  const { store, keepLocal, logger, manifestOf, timing = {} } = options;
  const retry = {
    firstRetryMs: timing.firstRetryMs ?? FIRST_RETRY_MS,
    longestRetryMs: timing.longestRetryMs ?? LONGEST_RETRY_MS,
  };
  const jobs = new Map<string, Job>();
  const closing = new AbortController();
  const folderOf = (id: string) => join(options.folder, id);
  const prefixOf = (id: string) => `${options.prefix}${id}/`;
  const slots = new Slots(AT_ONCE);
  const removals = new Removals(options.folder, store, prefixOf);
  const removing = new Persistent({
    ...retry,
    async work() {
      await removals.run(closing.signal);
      return undefined;
    },
    onProblem: (error) => told(error, 'recordings cannot be deleted in the storage now', {}),
  });

  function told(error: unknown, message: string, details: object): void {
    if (error === undefined) logger.info(details, 'the storage can be used again');
    else if (error instanceof StorageProblem) logger.warn({ ...details, problem: error.message }, message);
    else logger.error({ ...details, err: error }, message);
  }

  function jobOf(id: string): Job {
    const known = jobs.get(id);
    if (known) return known;
    const job: Job = {
      ...{ stop: new AbortController(), journal: undefined, users: 0, purging: undefined, swept: false },
      loop: new Persistent({
        ...retry,
        work: () => slots.run(() => pass(id, job)),
        onProblem: (error) => told(error, 'a recording waits on the disk for the storage', { recordingId: id }),
      }),
    };
    jobs.set(id, job);
    return job;
  }

  async function pass(id: string, job: Job): Promise<number | undefined> {
    const manifest = await manifestOf(id);
    if (!manifest || job.stop.signal.aborted) return undefined;
    const folder = folderOf(id);
    const journal = (job.journal ??= (await readJournal(folder)) ?? emptyJournal());
    const signal = AbortSignal.any([job.stop.signal, closing.signal]);
    const upload: FolderUploadOptions = { store, folder, prefix: prefixOf(id), manifest, journal, signal };
    if (!job.swept && !journal.done) await sweep(upload);
    job.swept = true;
    await uploadFolder(upload);
    if (manifest.state === 'recording') return timing.liveMs ?? LIVE_MS;
    if (!keepLocal && journal.done && job.users === 0 && options.isNeeded?.(id) !== true)
      await (job.purging = purgeFolder(upload));
    return undefined;
  }

  /** What a server that was killed had begun, and could not write down. */
  async function sweep({ journal, prefix, signal }: FolderUploadOptions): Promise<void> {
    const known = new Set(Object.values(journal.files).map(({ upload }) => upload?.uploadId));
    for (const open of await store.openUploads(prefix, signal)) {
      if (!known.has(open.uploadId)) await store.abortUpload(open, signal);
    }
  }

  async function journalOf(id: string): Promise<Journal | undefined> {
    return jobs.get(id)?.journal ?? readJournal(folderOf(id));
  }

  async function storedOf(id: string, file: string) {
    return (await journalOf(id))?.files[file]?.stored ?? undefined;
  }

  async function bring(id: string, file: string, signal: AbortSignal): Promise<void> {
    const path = join(folderOf(id), file);
    const stored = await storedOf(id, file);
    if (!stored || (await stat(path).catch(() => undefined))) return;
    const { bavail, bsize } = await statfs(options.folder);
    if (bavail * bsize < stored.bytes + RESERVE_BYTES) {
      throw new Error('there is no room on the disk for what has to be fetched from the storage');
    }
    const incoming = join(folderOf(id), `.${file}.new`);
    try {
      const body = await store.get(prefixOf(id) + file, { start: 0, end: stored.bytes - 1 }, signal);
      await pipeline(Readable.fromWeb(body as WebStream), createWriteStream(incoming, { mode: 0o600 }), { signal });
      if ((await stat(incoming)).size !== stored.bytes) throw new Error('the storage gave less than it has');
      // So that it is known as what the storage has.
      await utimes(incoming, stored.mtimeMs / 1000, stored.mtimeMs / 1000);
      await rename(incoming, path);
    } finally {
      await rm(incoming, { force: true });
    }
  }

  return {
    changed(id) {
      if (!closing.signal.aborted) jobOf(id).loop.poke();
    },

    async stateOf(id) {
      const { problem } = jobs.get(id)?.loop ?? {};
      if (problem instanceof StorageProblem) return { state: 'waiting', problem: problem.message };
      if (problem !== undefined) return { state: 'waiting' };
      return { state: (await journalOf(id))?.done ? 'stored' : 'moving' };
    },

    sizeOf: async (id, file) => (await storedOf(id, file))?.bytes,
    read: (id, file, range) => store.get(prefixOf(id) + file, range),

    async use(id, files, signal, work) {
      const job = jobOf(id);
      job.users += 1;
      try {
        // What is being deleted here now is fetched again.
        await job.purging;
        for (const file of files) await bring(id, file, signal);
        return await work();
      } finally {
        job.users -= 1;
        if (job.users === 0) job.loop.poke();
      }
    },

    async remove(id) {
      const job = jobs.get(id);
      job?.stop.abort();
      await job?.loop.close();
      await removals.add(id, await journalOf(id).catch(() => undefined));
      jobs.delete(id);
      removing.poke();
    },

    resume: () => removing.poke(),

    async close() {
      closing.abort();
      await Promise.all([removing.close(), ...[...jobs.values()].map(({ loop }) => loop.close())]);
    },
  };
}
