import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../replace-file.ts';
import { type Manifest, manifest } from './manifest.ts';

export const MANIFEST = 'manifest.json';
/** Changes are put together for so many milliseconds. */
const DEBOUNCE_MS = 1000;

/** Keeps `manifest.json` as the recording is: each version replaces the one before in one go, so that a crash leaves one. */
export class ManifestFile {
  readonly #folder: string;
  readonly #read: () => Manifest;
  readonly #onError: (error: Error) => void;
  #timer: NodeJS.Timeout | undefined;
  #queue: Promise<void> = Promise.resolve();

  constructor(folder: string, read: () => Manifest, onError: (error: Error) => void) {
    this.#folder = folder;
    this.#read = read;
    this.#onError = onError;
  }

  changed(): void {
    this.#timer ??= setTimeout(() => void this.save(), DEBOUNCE_MS).unref();
  }

  /** Resolves when what is now is on the disk, or could not be put there. */
  save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queue = this.#queue
      .then(() => writeManifest(this.#folder, this.#read()))
      .catch((error: Error) => this.#onError(error));
    return this.#queue;
  }
}

export async function writeManifest(folder: string, content: Manifest): Promise<void> {
  await replaceFile(join(folder, MANIFEST), `${JSON.stringify(content, undefined, 1)}\n`);
}

/** The manifest in a folder; undefined where there is none that can be read. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return manifest.parse(JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')));
  } catch {
    return undefined;
  }
}
