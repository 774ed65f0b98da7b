import type { Logger } from '@amphi/rooms';
import { compose } from '../compose/compose.ts';
import type { Layout } from '../compose/layout.ts';
import type { Manifest } from '../recorder/manifest.ts';

export type FilmChoice = { layout: Layout; height: 720 | 1080 };
export type FilmJob = FilmChoice & {
  state: 'waiting' | 'running' | 'failed';
  /** From 0 to 1. */
  progress: number;
};

export type FilmsOptions = {
  /** How many films are made at once; each takes what the calls leave of about a core. */
  atOnce?: number;
  logger: Logger;
};

export const filmFile = ({ layout, height }: FilmChoice): string => `film-${layout}-${height}.mp4`;

type Queued = { job: FilmJob; manifest: Manifest; folder: string; controller: AbortController };

/** The queue of films to be made. What waits is lost with the process; it can be asked for again. */
export class Films {
  readonly #options: FilmsOptions;
  readonly #queue: Queued[] = [];
  readonly #running = new Map<Queued, Promise<void>>();
  readonly #failed: Queued[] = [];
  #closed = false;

  constructor(options: FilmsOptions) {
    this.#options = options;
  }

  /** Asks for a film; one that waits, or is being made, is not asked for twice. */
  add(manifest: Manifest, folder: string, choice: FilmChoice): void {
    if (this.#closed || this.#entries(manifest.id).some(({ job }) => isSame(job, choice) && job.state !== 'failed'))
      return;
    this.#forgetFailed(manifest.id, choice);
    const job: FilmJob = { ...choice, state: 'waiting', progress: 0 };
    this.#queue.push({ job, manifest, folder, controller: new AbortController() });
    this.#next();
  }

  /** Films of a recording that are not done. */
  jobs(recordingId: string): FilmJob[] {
    return this.#entries(recordingId).map(({ job }) => ({ ...job }));
  }

  /** Stops what is made of a recording, and forgets it. */
  async cancel(recordingId: string): Promise<void> {
    const concerned = this.#entries(recordingId);
    for (const entry of concerned) this.#drop(entry);
    await Promise.all(concerned.map((entry) => this.#running.get(entry)));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#queue.length = 0;
    for (const { controller } of this.#running.keys()) controller.abort();
    await Promise.all(this.#running.values());
  }

  #entries(recordingId: string): Queued[] {
    return [...this.#running.keys(), ...this.#queue, ...this.#failed].filter(
      ({ manifest }) => manifest.id === recordingId,
    );
  }

  #drop(entry: Queued): void {
    for (const list of [this.#queue, this.#failed]) {
      const index = list.indexOf(entry);
      if (index >= 0) list.splice(index, 1);
    }
    entry.controller.abort();
  }

  #forgetFailed(recordingId: string, choice: FilmChoice): void {
    for (const entry of this.#entries(recordingId)) if (isSame(entry.job, choice)) this.#drop(entry);
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

  async #make(entry: Queued): Promise<void> {
    const { job, manifest, folder, controller } = entry;
    job.state = 'running';
    try {
      await compose({
        ...{
          manifest,
          folder,
          layout: job.layout,
          height: job.height,
          output: filmFile(job),
          signal: controller.signal,
        },
        onProgress: (done) => (job.progress = done),
      });
    } catch (error) {
      if (controller.signal.aborted) return;
      job.state = 'failed';
      this.#failed.push(entry);
      this.#options.logger.error({ err: error, recordingId: manifest.id }, 'a film could not be made');
    }
  }
}

function isSame(a: FilmChoice, b: FilmChoice): boolean {
  return a.layout === b.layout && a.height === b.height;
}
