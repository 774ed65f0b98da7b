import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalFile, Upload } from './journal.ts';
import { StorageProblem } from './problem.ts';
import { type Bytes, type ObjectStore, sha256 } from './s3.ts';

/** What S3 asks of every part but the last is 5 MiB at least, and of some servers the same size for all. */
const PART_BYTES = 8 * 1024 * 1024;
/** Each server takes so many, most of them ten times as many. */
const MAX_PARTS = 1000;

export type FileUploadOptions = {
  store: ObjectStore;
  folder: string;
  name: string;
  key: string;
  /** Of the journal; changed here, and saved after each change by `save`. */
  entry: JournalFile;
  save(): Promise<void>;
  signal: AbortSignal;
};

/** Sends the parts that are full, of a file that grows. Nothing happens for one that is not there. */
export async function uploadGrowing(options: FileUploadOptions): Promise<void> {
  await withFile(options, async (file, size) => {
    const { entry } = options;
    const partBytes = entry.upload?.partBytes ?? PART_BYTES;
    // What came out longer than such parts can hold is sent at the end, in larger ones.
    const full = Math.min(Math.floor(size / partBytes), MAX_PARTS);
    if (full <= (entry.upload?.parts.length ?? 0)) return;
    const upload = entry.upload ?? (await begin(options, partBytes));
    for (let index = upload.parts.length; index < full; index++) {
      await sendPart(options, upload, index, await read(file, index * partBytes, partBytes));
    }
  });
}

/**
 * Sends a file that grows no more, whatever of it was sent before: each part is looked at again, for a container's
 * beginning is written anew at its end. Resolves when the storage has all of it. Nothing happens for one that is not there.
 */
export async function uploadWhole(options: FileUploadOptions): Promise<void> {
  await withFile(options, async (file, size, mtimeMs) => {
    const { store, key, entry, save, signal } = options;
    const needed = Math.max(PART_BYTES, Math.ceil(size / MAX_PARTS));
    const begun = entry.upload;
    if (begun && (begun.partBytes < needed || begun.parts.length > Math.ceil(size / begun.partBytes))) {
      await forgetUpload(options);
    }
    if (!entry.upload && size <= PART_BYTES) {
      await store.put(key, await read(file, 0, size), signal);
    } else {
      const upload = entry.upload ?? (await begin(options, needed));
      const count = Math.ceil(size / upload.partBytes);
      for (let index = 0; index < count; index++) {
        const length = Math.min(upload.partBytes, size - index * upload.partBytes);
        await sendPart(options, upload, index, await read(file, index * upload.partBytes, length));
      }
      await complete(options, upload);
    }
    const stored = await store.sizeOf(key, signal);
    if (stored !== size) {
      throw new StorageProblem(
        'refused',
        `The storage has ${stored ?? 'no'} bytes of ${options.name}, and not ${size}.`,
      );
    }
    entry.stored = { bytes: size, mtimeMs };
    await save();
  });
}

/** What is under way of a file is given up, in the storage as well. */
export async function forgetUpload({ store, key, entry, save, signal }: FileUploadOptions): Promise<void> {
  if (!entry.upload) return;
  await store.abortUpload({ key, uploadId: entry.upload.uploadId }, signal);
  entry.upload = null;
  await save();
}

async function begin({ store, key, entry, save, signal }: FileUploadOptions, partBytes: number): Promise<Upload> {
  const upload: Upload = { uploadId: await store.beginUpload(key, signal), partBytes, parts: [] };
  entry.upload = upload;
  await save();
  return upload;
}

async function sendPart(options: FileUploadOptions, upload: Upload, index: number, bytes: Bytes): Promise<void> {
  const { store, key, signal } = options;
  const hash = await sha256(bytes);
  if (upload.parts[index]?.hash === hash) return;
  const sent = store.putPart({ key, uploadId: upload.uploadId }, index + 1, bytes, signal);
  const { etag } = await sent.catch((error: unknown) => startOver(options, error));
  upload.parts[index] = { etag, hash };
  await options.save();
}

async function complete(options: FileUploadOptions, { uploadId, parts }: Upload): Promise<void> {
  const { store, key, entry, signal } = options;
  await store.completeUpload({ key, uploadId }, parts, signal).catch((error: unknown) => startOver(options, error));
  entry.upload = null;
}

/** An upload that the storage has ended by itself is begun anew at the next attempt. */
async function startOver({ entry, save }: FileUploadOptions, error: unknown): Promise<never> {
  if (error instanceof StorageProblem && error.reason === 'gone') {
    entry.upload = null;
    await save();
  }
  throw error;
}

async function withFile(
  { folder, name }: FileUploadOptions,
  work: (file: FileHandle, size: number, mtimeMs: number) => Promise<void>,
): Promise<void> {
  const file = await open(join(folder, name), 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return;
  try {
    const { size, mtimeMs } = await file.stat();
    await work(file, size, mtimeMs);
  } finally {
    await file.close();
  }
}

async function read(file: FileHandle, start: number, length: number): Promise<Bytes> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(bytes, done, length - done, start + done);
    if (bytesRead === 0) throw new Error('a file that is sent to the storage became shorter');
    done += bytesRead;
  }
  return bytes;
}
