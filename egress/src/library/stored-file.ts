import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { AmphiError } from '@amphi/protocol';
import type { Archive } from '../storage/archive.ts';
import { StorageProblem } from '../storage/problem.ts';
import type { Bytes } from '../storage/s3.ts';

/** A file of a recording, wherever it is kept. */
export type StoredFile = {
  bytes: number;
  /** Both ends included. Rejects with `media-unavailable` when the storage does not give it, else as the disk does. */
  read(range: { start: number; end: number }): Promise<ReadableStream<Bytes>>;
};

const RETRY_AFTER_MS = 10_000;

/** How many bytes it has, on the disk or in the storage; undefined where there is none. */
export async function sizeOfFile(
  folder: string,
  id: string,
  file: string,
  archive?: Archive,
): Promise<number | undefined> {
  return (await stat(join(folder, file)).catch(() => undefined))?.size ?? archive?.sizeOf(id, file);
}

/** On the disk where it is there, else in the storage; undefined where it is nowhere. */
export async function openFile(
  folder: string,
  id: string,
  file: string,
  archive?: Archive,
): Promise<StoredFile | undefined> {
  const path = join(folder, file);
  const found = await stat(path).catch(() => undefined);
  if (found) {
    return {
      bytes: found.size,
      read: async (range) => Readable.toWeb(createReadStream(path, range)) as ReadableStream<Bytes>,
    };
  }
  const bytes = await archive?.sizeOf(id, file);
  if (!archive || bytes === undefined) return undefined;
  return { bytes, read: (range) => archive.read(id, file, range).catch(refuse) };
}

function refuse(error: unknown): never {
  if (!(error instanceof StorageProblem)) throw error;
  // The sentence is for whoever runs the server, and its log has it.
  throw new AmphiError('media-unavailable', 'this file is in a storage that does not give it now: try again later', {
    retryAfterMs: RETRY_AFTER_MS,
  });
}
