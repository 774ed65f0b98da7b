import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../replace-file.ts';
import type { Journal } from './journal.ts';
import type { ObjectStore } from './s3.ts';

/** In the folder of all recordings: what is still to be deleted in the storage. */
const FOLDER = 'removed';
const removal = z.object({ uploads: z.array(z.object({ key: z.string(), uploadId: z.string() })) });

/** What is deleted of the storage, written down until it is done, so that neither a restart nor an outage leaves any. */
export class Removals {
  readonly #folder: string;
  readonly #store: ObjectStore;
  readonly #prefixOf: (id: string) => string;

  constructor(recordings: string, store: ObjectStore, prefixOf: (id: string) => string) {
    this.#folder = join(recordings, FOLDER);
    this.#store = store;
    this.#prefixOf = prefixOf;
  }

  /** Resolves when it is on the disk; call it before the journal is deleted. */
  async add(id: string, journal: Journal | undefined): Promise<void> {
    const uploads = Object.entries(journal?.files ?? {}).flatMap(([name, { upload }]) =>
      upload ? [{ key: this.#prefixOf(id) + name, uploadId: upload.uploadId }] : [],
    );
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await replaceFile(join(this.#folder, `${id}.json`), JSON.stringify({ uploads }));
  }

  /** Deletes all that is written down. Rejects with StorageProblem at the first that cannot be deleted now. */
  async run(signal: AbortSignal): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names) {
      if (!name.endsWith('.json')) continue;
      const path = join(this.#folder, name);
      const { uploads } = removal.parse(JSON.parse(await readFile(path, 'utf8')));
      await this.#delete(this.#prefixOf(name.slice(0, -'.json'.length)), uploads, signal);
      await rm(path);
    }
  }

  async #delete(prefix: string, known: { key: string; uploadId: string }[], signal: AbortSignal): Promise<void> {
    // Not each server lists uploads by the beginning of their keys, and the journal knows of all but one just begun.
    for (const upload of [...known, ...(await this.#store.openUploads(prefix, signal))]) {
      await this.#store.abortUpload(upload, signal);
    }
    for (const key of await this.#store.list(prefix, signal)) await this.#store.delete(key, signal);
  }
}
