import { type FileHandle, open } from 'node:fs/promises';
import type { Piece } from './muxer.ts';

/** How long what is written may stay in the memory of the system only, in milliseconds. */
const SYNC_EVERY_MS = 2000;
/** So much may wait for a slow disk, of one file. */
const MAX_WAITING = 64 * 1024 * 1024;

/**
 * A file that is written as it comes, in order, without anybody waiting for the disk. The first failure is told once, and
 * nothing is written after it.
 */
export class Spool {
  readonly #onError: (error: Error) => void;
  #file: FileHandle | undefined;
  #length = 0;
  #waiting = 0;
  #syncedAt = 0;
  #failed = false;
  #queue: Promise<void>;

  constructor(path: string, onError: (error: Error) => void) {
    this.#onError = onError;
    this.#queue = this.#guard(async () => {
      this.#file = await open(path, 'wx', 0o600);
    });
  }

  /** What has been written to the file. */
  get length(): number {
    return this.#length;
  }

  write(pieces: readonly Piece[]): void {
    if (this.#failed || pieces.length === 0) return;
    const bytes = pieces.reduce((sum, piece) => sum + piece.bytes.length, 0);
    this.#waiting += bytes;
    if (this.#waiting > MAX_WAITING) {
      this.#fail(new Error('the disk is too slow for what is recorded'));
      return;
    }
    this.#then(async (file) => {
      for (const piece of pieces) {
        await writeFully(file, piece.bytes, piece.at ?? this.#length);
        if (piece.at === undefined) this.#length += piece.bytes.length;
      }
      this.#waiting -= bytes;
      if (Date.now() - this.#syncedAt < SYNC_EVERY_MS) return;
      this.#syncedAt = Date.now();
      await file.datasync();
    });
  }

  /** Resolves when all is on the disk, or was given up. */
  async close(): Promise<void> {
    this.#then((file) => file.datasync());
    await this.#queue;
    await this.#file?.close().catch(() => undefined);
    this.#file = undefined;
  }

  #then(work: (file: FileHandle) => Promise<void>): void {
    this.#queue = this.#queue.then(() =>
      this.#guard(async () => {
        if (this.#file && !this.#failed) await work(this.#file);
      }),
    );
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #fail(error: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#onError(error);
  }
}

async function writeFully(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    // A disk that is nearly full writes a part.
    if (bytesWritten === 0) throw Object.assign(new Error('nothing could be written'), { code: 'ENOSPC' });
    done += bytesWritten;
  }
}
