import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@amphi/rooms';
import { compose, type ComposeOptions, WORK_PREFIX } from '../compose/compose.ts';
import { finishLiveFilm } from '../compose/finish-live.ts';
import type { FilmChoice } from '../compose/layout.ts';
import type { Manifest } from '../recorder/manifest.ts';
import { StorageProblem, type StorageReason } from '../storage/problem.ts';
import { makePoster, makeStrip } from './pictures.ts';
import { type QueuedFilm, readQueue, writeQueue } from './queue-file.ts';

export type FilmJob = FilmChoice & {
  /** `storage`: it waits for the storage, which does not give what it is made of now. */
  state: 'waiting' | 'storage' | 'running' | 'failed';
  /** From 0 to 1. */
  progress: number;
};

export type FilmsOptions = {
  /** How many films are made at once; each takes what the calls leave of about a core. */
  atOnce?: number;
  /** Has files of a recording in its folder as long as something is made of them, wherever they are kept. */
  use?(id: string, files: readonly string[], signal: AbortSignal, work: () => Promise<void>): Promise<void>;
  /** After so long the storage is asked again, in milliseconds. */
  storageRetryMs?: number;
  logger: Logger;
};

export const filmFile = ({ layout, height }: FilmChoice): string => `film-${layout}-${height}.mp4`;

/** Begun so often without an end, a film is not tried again but when it is asked for. */
const MAX_ATTEMPTS = 3;
const STORAGE_RETRY_MS = 15_000;
/** What the storage may do later, and what it will not do at any time. */
const FOR_GOOD = new Set<StorageReason>(['gone', 'refused']);

type Film = { kind: 'film'; job: FilmJob; attempts: number };
type Work = Film | { kind: 'poster' } | { kind: 'strip'; film: string };
type Entry = { work: Work; manifest: Manifest; folder: string; controller: AbortController };

/**
 * The queue of what is made of recordings by ffmpeg: films, and the pictures that stand for them. Which films are asked
 * for is kept in the folder of each recording, so that they are made after a restart of the server, too.
 */
export class Films {
  readonly #options: FilmsOptions;
  readonly #queue: Entry[] = [];
  readonly #running = new Map<Entry, Promise<void>>();
  readonly #failed: Entry[] = [];
  /** What waits for the storage, each until its timer. */
  readonly #delayed = new Map<Entry, NodeJS.Timeout>();
  #saving: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: FilmsOptions) {
    this.#options = options;
  }

  /** Asks for a film; one that waits, or is being made, is not asked for twice. */
  add(manifest: Manifest, folder: string, choice: FilmChoice): void {
    const same = this.#entries(manifest.id).filter(({ work }) => isFilm(work) && isSame(work.job, choice));
    if (this.#closed || same.some(({ work }) => isFilm(work) && work.job.state !== 'failed')) return;
    for (const entry of same) this.#drop(entry);
    this.#push(manifest, folder, { kind: 'film', job: { ...choice, state: 'waiting', progress: 0 }, attempts: 0 });
    this.#save(manifest.id, folder);
    this.#next();
  }

  /** Asks for the picture that stands for a recording; it comes before films that wait. */
  addPoster(manifest: Manifest, folder: string): void {
    this.#first(manifest, folder, { kind: 'poster' });
  }

  /** Asks for the small pictures of a film. */
  addStrip(manifest: Manifest, folder: string, film: string): void {
    this.#first(manifest, folder, { kind: 'strip', film });
  }

  /** Goes on with what was asked for before the server ended. Answers false where nothing ever was. */
  async resume(manifest: Manifest, folder: string): Promise<boolean> {
    const films = await readQueue(folder);
    if (!films || this.#closed) return films !== undefined;
    // What a killed server left half made.
    for (const name of await readdir(folder)) {
      if (name.startsWith(WORK_PREFIX)) await rm(join(folder, name), { recursive: true, force: true });
    }
    for (const { layout, height, attempts, failed } of films) {
      const isOver = failed || attempts >= MAX_ATTEMPTS;
      const job: FilmJob = { layout, height, state: isOver ? 'failed' : 'waiting', progress: 0 };
      this.#push(manifest, folder, { kind: 'film', job, attempts });
    }
    this.#next();
    return true;
  }

  /** Films of a recording that are not done. */
  jobs(recordingId: string): FilmJob[] {
    return this.#entries(recordingId).flatMap(({ work }) => (isFilm(work) ? [{ ...work.job }] : []));
  }

  /** Stops what is made of a recording, and forgets it. */
  async cancel(recordingId: string): Promise<void> {
    const concerned = this.#entries(recordingId);
    for (const entry of concerned) this.#drop(entry);
    await Promise.all(concerned.map((entry) => this.#running.get(entry)));
    await this.#saving;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#queue.length = 0;
    for (const timer of this.#delayed.values()) clearTimeout(timer);
    this.#delayed.clear();
    for (const { controller } of this.#running.keys()) controller.abort();
    await Promise.all(this.#running.values());
    await this.#saving;
  }

  #entries(recordingId: string): Entry[] {
    return [...this.#running.keys(), ...this.#queue, ...this.#delayed.keys(), ...this.#failed].filter(
      ({ manifest }) => manifest.id === recordingId,
    );
  }

  #push(manifest: Manifest, folder: string, work: Work): void {
    const list = isFilm(work) && work.job.state === 'failed' ? this.#failed : this.#queue;
    list.push({ work, manifest, folder, controller: new AbortController() });
  }

  #first(manifest: Manifest, folder: string, work: Work): void {
    if (this.#closed) return;
    this.#queue.unshift({ work, manifest, folder, controller: new AbortController() });
    this.#next();
  }

  #drop(entry: Entry): void {
    for (const list of [this.#queue, this.#failed]) {
      const index = list.indexOf(entry);
      if (index >= 0) list.splice(index, 1);
    }
    clearTimeout(this.#delayed.get(entry));
    this.#delayed.delete(entry);
    entry.controller.abort();
  }

  #next(): void {
    if (this.#closed || this.#running.size >= (this.#options.atOnce ?? 1)) return;
    const entry = this.#queue.shift();
    if (!entry) return;
    const made = this.#make(entry).finally(() => {
      this.#running.delete(entry);
      this.#next();
    });
    this.#running.set(entry, made);
    this.#next();
  }

  async #make(entry: Entry): Promise<void> {
    const { work, manifest, folder, controller } = entry;
    const { signal } = controller;
    try {
      const { use = (_id, _files, _signal, make) => make() } = this.#options;
      await use(manifest.id, filesFor(work, manifest), signal, async () => {
        if (work.kind === 'film') await this.#makeFilm(work, entry);
        else if (work.kind === 'poster') await makePoster(manifest, folder, signal);
        else await makeStrip((manifest.endedAt ?? 0) - manifest.startedAt, folder, work.film, signal);
      });
    } catch (error) {
      // What was stopped with the server stays in the file of the queue.
      if (signal.aborted) return;
      if (error instanceof StorageProblem && !FOR_GOOD.has(error.reason)) {
        this.#delay(entry, error);
        return;
      }
      this.#options.logger.error(
        { err: error, recordingId: manifest.id, work: work.kind },
        'what is made of a recording could not be made',
      );
      if (!isFilm(work)) return;
      work.job.state = 'failed';
      this.#failed.push(entry);
      this.#save(manifest.id, folder);
    }
  }

  #delay(entry: Entry, { message }: StorageProblem): void {
    const { work, manifest } = entry;
    const { storageRetryMs = STORAGE_RETRY_MS, logger } = this.#options;
    logger.warn({ recordingId: manifest.id, work: work.kind, problem: message }, 'what is made waits for the storage');
    if (isFilm(work)) work.job.state = 'storage';
    const again = () => {
      this.#delayed.delete(entry);
      this.#queue.push(entry);
      this.#next();
    };
    this.#delayed.set(entry, setTimeout(again, storageRetryMs).unref());
  }

  async #makeFilm(work: Film, { manifest, folder, controller }: Entry): Promise<void> {
    const { job } = work;
    const { layout, height } = job;
    job.state = 'running';
    work.attempts += 1;
    this.#save(manifest.id, folder);
    const options = { manifest, folder, layout, height, output: filmFile(job), signal: controller.signal };
    if (!(await this.#finishLive(options))) {
      await compose({ ...options, onProgress: (done) => (job.progress = done) });
    }
    this.#save(manifest.id, folder, work);
    if (layout !== 'audio') this.addStrip(manifest, folder, filmFile(job));
  }

  /** Whether the film was there already but for its end, made while it was recorded. */
  async #finishLive(options: ComposeOptions): Promise<boolean> {
    if (!isSame(options, options.manifest.film)) return false;
    try {
      return await finishLiveFilm(options);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      const { id: recordingId } = options.manifest;
      this.#options.logger.warn({ err: error, recordingId }, 'a film that was made live cannot be used');
      return false;
    }
  }

  /** Writes down what is not done of a recording, without `done`. */
  #save(recordingId: string, folder: string, done?: Work): void {
    const films = this.#entries(recordingId).flatMap(({ work }): QueuedFilm[] => {
      if (!isFilm(work) || work === done) return [];
      const { layout, height, state } = work.job;
      return [{ layout, height, attempts: work.attempts, failed: state === 'failed' }];
    });
    this.#saving = this.#saving
      .then(() => writeQueue(folder, films))
      .catch((error: unknown) => {
        this.#options.logger.warn({ err: error, recordingId }, 'the queue of films could not be written');
      });
  }
}

/** What it is made of. */
function filesFor(work: Work, { tracks }: Manifest): string[] {
  if (work.kind === 'strip') return [work.film];
  const seen = tracks.filter(({ kind }) => work.kind === 'film' || kind === 'video');
  return seen.flatMap(({ parts }) => parts.map(({ file }) => file));
}

function isFilm(work: Work): work is Film {
  return work.kind === 'film';
}

function isSame(a: FilmChoice, b: FilmChoice): boolean {
  return a.layout === b.layout && a.height === b.height;
}
