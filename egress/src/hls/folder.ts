import { createReadStream, type ReadStream } from 'node:fs';
import { appendFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fileOf, type KeptRendition, type Keeper, parseName } from './rendition.ts';
import { type Initialisation, nameOf, type Segment } from './segment.ts';

const JOURNAL = 'journal.jsonl';
/** So much may wait for a slow disk, of one stream. */
const MAX_WAITING = 64 * 1024 * 1024;
/** After a failure the disk is left alone for so long. */
const RETRY_MS = 10_000;

const size = z.object({ width: z.number(), height: z.number() }).optional();
const entry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('stream'), roomId: z.string(), startedAt: z.number() }),
  z.object({ type: z.literal('init'), track: z.string(), id: z.number().int(), codec: z.string(), size }),
  z.object({
    type: z.literal('segment'),
    track: z.string(),
    ...{ msn: z.number().int(), epoch: z.number().int(), hole: z.number().int(), init: z.number().int() },
    ...{ wall: z.number(), duration: z.number(), frames: z.number(), bytes: z.number() },
  }),
  z.object({ type: z.literal('drop'), track: z.string(), before: z.number().int() }),
  z.object({ type: z.literal('end'), at: z.number() }),
]);
type Entry = z.infer<typeof entry>;

/** What a folder holds of a stream. */
export type KeptStream = {
  roomId: string;
  startedAt: number;
  /** When it ended, in milliseconds since the epoch; null where the server was killed before that. */
  endedAt: number | null;
  bytes: number;
  renditions: Map<string, KeptRendition>;
};

/**
 * The files of one stream, and a journal of what they are, which has a line for each file that is complete: whenever the
 * server is killed, what the journal names can be played.
 */
export class StreamFolder implements Keeper {
  readonly path: string;
  readonly #onError: (error: Error) => void;
  readonly #now: () => number;
  #queue: Promise<void> = Promise.resolve();
  #waiting = 0;
  #failedAt = -Infinity;

  constructor(path: string, onError: (error: Error) => void, now: () => number = Date.now) {
    this.path = path;
    this.#onError = onError;
    this.#now = now;
  }

  begin(roomId: string, startedAt: number): void {
    void this.#write(0, async () => {
      await mkdir(this.path, { recursive: true, mode: 0o700 });
      await this.#note({ type: 'stream', roomId, startedAt });
    });
  }

  /** Resolves when all that was written is on the disk, or given up. */
  async end(at: number): Promise<void> {
    await this.#write(0, () => this.#note({ type: 'end', at }));
  }

  init(track: string, { id, codec, size: dimensions }: Initialisation, bytes: Buffer): Promise<boolean> {
    return this.#write(bytes.length, async () => {
      await writeFile(join(this.path, nameOf.init(track, id)), bytes, { mode: 0o600 });
      await this.#note({ type: 'init', track, id, codec, size: dimensions });
    });
  }

  segment(track: string, segment: Segment, bytes: readonly Buffer[]): Promise<boolean> {
    const { msn, epoch, hole, init, wall, duration, frames, bytes: length } = segment;
    return this.#write(length, async () => {
      const file = join(this.path, nameOf.segment(track, msn));
      try {
        await writeFile(file, bytes, { mode: 0o600 });
      } catch (error) {
        // A disk that is full has taken a part of it, which is of no use.
        await rm(file, { force: true });
        throw error;
      }
      await this.#note({ type: 'segment', track, msn, epoch, hole, init, wall, duration, frames, bytes: length });
    });
  }

  drop(track: string, before: number): void {
    void this.#write(0, async () => {
      await this.#note({ type: 'drop', track, before });
      // They went one after the other, so that none is left further back.
      for (let msn = before - 1; msn >= 0; msn--) {
        const file = join(this.path, nameOf.segment(track, msn));
        if (!(await stat(file).catch(() => undefined))) break;
        await rm(file, { force: true });
      }
    });
  }

  /** A file of this stream, and its length; undefined where there is none of that name. */
  async open(
    name: string,
  ): Promise<{ bytes: number; stream(range?: { start: number; end: number }): ReadStream } | undefined> {
    const parsed = parseName(name);
    const file = parsed && fileOf(parsed);
    if (file === undefined) return undefined;
    const path = join(this.path, file);
    const found = await stat(path).catch(() => undefined);
    return found && { bytes: found.size, stream: (range) => createReadStream(path, range) };
  }

  /** Deletes all of it. */
  async remove(): Promise<void> {
    await this.#queue;
    await rm(this.path, { recursive: true, force: true });
  }

  #note(line: Entry): Promise<void> {
    return appendFile(join(this.path, JOURNAL), `${JSON.stringify(line)}\n`, { mode: 0o600 });
  }

  #write(bytes: number, work: () => Promise<void>): Promise<boolean> {
    if (this.#now() - this.#failedAt < RETRY_MS) return Promise.resolve(false);
    if (this.#waiting + bytes > MAX_WAITING) return Promise.resolve(this.#fail(new Error('the disk is too slow')));
    this.#waiting += bytes;
    const done = this.#queue.then(async () => {
      try {
        await work();
        return true;
      } catch (error) {
        return this.#fail(error instanceof Error ? error : new Error(String(error)));
      } finally {
        this.#waiting -= bytes;
      }
    });
    this.#queue = done.then(() => undefined);
    return done;
  }

  #fail(error: Error): false {
    this.#failedAt = this.#now();
    this.#onError(error);
    return false;
  }
}

/** Reads what a folder holds; undefined where it is no stream. A line that was cut off is left out. */
export async function readStreamFolder(path: string): Promise<KeptStream | undefined> {
  const text = await readFile(join(path, JOURNAL), 'utf8').catch(() => '');
  let kept: KeptStream | undefined;
  for (const line of text.split('\n')) {
    const parsed = readEntry(line);
    if (parsed?.type === 'stream') {
      kept = { roomId: parsed.roomId, startedAt: parsed.startedAt, endedAt: null, bytes: 0, renditions: new Map() };
    } else if (parsed && kept) apply(kept, parsed);
  }
  return kept;
}

function readEntry(line: string): Entry | undefined {
  try {
    return entry.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function apply(kept: KeptStream, line: Exclude<Entry, { type: 'stream' }>): void {
  // What is written after an end is of a stream that went on.
  kept.endedAt = line.type === 'end' ? line.at : null;
  if (line.type === 'end') return;
  const rendition = kept.renditions.get(line.track) ?? { inits: [], segments: [] };
  kept.renditions.set(line.track, rendition);
  if (line.type === 'init') {
    rendition.inits.push({ id: line.id, codec: line.codec, size: line.size });
  } else if (line.type === 'segment') {
    const { type: _type, track: _track, ...segment } = line;
    rendition.segments.push({ ...segment, parts: undefined, kept: true });
    kept.bytes += segment.bytes;
  } else {
    const dropped = rendition.segments.filter(({ msn }) => msn < line.before);
    kept.bytes -= dropped.reduce((sum, { bytes }) => sum + bytes, 0);
    rendition.segments = rendition.segments.filter(({ msn }) => msn >= line.before);
  }
}
