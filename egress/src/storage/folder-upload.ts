import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { POSTER_FILE, STRIP_FILE } from '../library/pictures.ts';
import type { Manifest } from '../recorder/manifest.ts';
import { MANIFEST } from '../recorder/manifest-file.ts';
import { type FileUploadOptions, forgetUpload, uploadGrowing, uploadWhole } from './file-upload.ts';
import { type Journal, writeJournal } from './journal.ts';
import type { ObjectStore } from './s3.ts';

/** What is made of tracks. The pictures stay on the disk as well: they are small, and each page shows many. */
const FILM = /^film-[a-z0-9-]+\.mp4$/;
const PICTURES = [POSTER_FILE, STRIP_FILE];
/** File systems keep times a little differently. */
const SAME_TIME_MS = 500;

export type FolderUploadOptions = {
  store: ObjectStore;
  folder: string;
  /** Of the recording's objects: `prefix/ID/`. */
  prefix: string;
  manifest: Manifest;
  journal: Journal;
  signal: AbortSignal;
};

/** Sends what there is to be sent of a recording, under way or over. Rejects with StorageProblem, and as the disk does. */
export async function uploadFolder(options: FolderUploadOptions): Promise<void> {
  const { manifest, journal, folder } = options;
  const tracks = manifest.tracks.flatMap(({ parts }) => parts.map(({ file }) => file));
  await forgetGone(options, tracks);
  if (manifest.state === 'recording') {
    for (const name of tracks) await uploadGrowing(fileOptions(options, name));
    return;
  }
  const made = (await readdir(folder)).filter((name) => FILM.test(name) || PICTURES.includes(name));
  let isNew = !journal.done;
  for (const name of [...tracks, ...made]) {
    if (!(await isStored(options, name))) {
      isNew = true;
      await uploadWhole(fileOptions(options, name));
    }
  }
  if (!isNew) return;
  // The last, so that whoever finds it in the storage finds all that it names.
  await uploadWhole(fileOptions(options, MANIFEST));
  journal.done = true;
  await writeJournal(folder, journal);
}

/** Deletes here what the storage has, and what can be large. */
export async function purgeFolder(options: FolderUploadOptions): Promise<void> {
  for (const name of Object.keys(options.journal.files)) {
    if (name === MANIFEST || PICTURES.includes(name)) continue;
    // A film may have been made anew since it was sent.
    if (await isStored(options, name)) await rm(join(options.folder, name), { force: true });
  }
}

/** What somebody does not agree to any more is not kept anywhere. */
async function forgetGone(options: FolderUploadOptions, tracks: readonly string[]): Promise<void> {
  const { store, journal, folder, prefix, signal } = options;
  for (const name of Object.keys(journal.files)) {
    if (tracks.includes(name) || FILM.test(name) || PICTURES.includes(name) || name === MANIFEST) continue;
    await forgetUpload(fileOptions(options, name));
    await store.delete(prefix + name, signal);
    delete journal.files[name];
    await writeJournal(folder, journal);
  }
}

async function isStored({ folder, journal }: FolderUploadOptions, name: string): Promise<boolean> {
  const stored = journal.files[name]?.stored;
  const found = await stat(join(folder, name)).catch(() => undefined);
  if (!stored) return found === undefined;
  return !found || (found.size === stored.bytes && found.mtimeMs < stored.mtimeMs + SAME_TIME_MS);
}

function fileOptions({ store, folder, prefix, journal, signal }: FolderUploadOptions, name: string): FileUploadOptions {
  const entry = (journal.files[name] ??= { stored: null, upload: null });
  return { store, folder, name, key: prefix + name, entry, save: () => writeJournal(folder, journal), signal };
}
