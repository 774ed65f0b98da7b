import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../replace-file.ts';

/** In the folder of a recording: what of it is in the storage, and how far what is on its way there has come. */
export const JOURNAL_FILE = 'storage.json';

const upload = z.object({
  uploadId: z.string(),
  partBytes: z.number().int(),
  /** In their order; the hash is of what was sent. */
  parts: z.array(z.object({ etag: z.string(), hash: z.string() })),
});
export type Upload = z.infer<typeof upload>;

const file = z.object({
  /** What is in the storage, all of it, and looked at afterwards; null until then. */
  stored: z.object({ bytes: z.number().int(), mtimeMs: z.number() }).nullable(),
  /** What is under way. */
  upload: upload.nullable(),
});
export type JournalFile = z.infer<typeof file>;

const journal = z.object({ version: z.literal(1), done: z.boolean(), files: z.record(z.string(), file) });
/** `done`: the recording is over, and everything of it that was there at the last look is in the storage. */
export type Journal = z.infer<typeof journal>;

export function emptyJournal(): Journal {
  return { version: 1, done: false, files: {} };
}

/** Undefined where there is none; rejects where it cannot be read, so that nothing that it knows of is taken for lost. */
export async function readJournal(folder: string): Promise<Journal | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, JOURNAL_FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return journal.parse(JSON.parse(text));
}

/** Rejects as the file system does. */
export async function writeJournal(folder: string, content: Journal): Promise<void> {
  await replaceFile(join(folder, JOURNAL_FILE), `${JSON.stringify(content)}\n`);
}
