import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { filmChoice } from '../compose/layout.ts';
import { replaceFile } from '../replace-file.ts';

/** In the folder of a recording: which films are asked for and not done. Its presence says that the first one was. */
export const QUEUE_FILE = 'films.json';

const queued = filmChoice.extend({
  /** How often it was begun: what takes the server down with it is not begun for ever. */
  attempts: z.number().int(),
  failed: z.boolean(),
});
export type QueuedFilm = z.infer<typeof queued>;

const queueFile = z.object({ version: z.literal(1), films: z.array(queued) });

/** Undefined where nothing was ever asked for, or what is there cannot be read. */
export async function readQueue(folder: string): Promise<QueuedFilm[] | undefined> {
  try {
    return queueFile.parse(JSON.parse(await readFile(join(folder, QUEUE_FILE), 'utf8'))).films;
  } catch {
    return undefined;
  }
}

/** Rejects as the file system does. */
export async function writeQueue(folder: string, films: readonly QueuedFilm[]): Promise<void> {
  const content: z.input<typeof queueFile> = { version: 1, films: [...films] };
  await replaceFile(join(folder, QUEUE_FILE), `${JSON.stringify(content)}\n`);
}
