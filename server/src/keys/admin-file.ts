import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FatalError, messageOf } from '../fatal.ts';
import { newApiKey } from './keys.ts';

const adminFile = z.object({ key: z.string().regex(/^amphi_[\w-]{43}$/) });

/**
 * `admin.json` in the data folder, mode 0600: a key that is good for everything, and where this server is. Whoever can
 * read it could read the database as well, so the command line on this machine needs no other proof, and everything it does
 * goes through the same API and the same log as what others do. Deleting the file makes another key at the next start.
 */
export interface AdminFile {
  readonly key: string;
  /** Says where the server is; `certificate`: the PEM text of a self-signed one. */
  announce(url: string, certificate?: string): void;
}

/** @throws FatalError when the file cannot be read or written. */
export function openAdminFile(dataDir: string): AdminFile {
  const path = join(dataDir, 'admin.json');
  const key = read(path) ?? newApiKey();

  return {
    key,
    announce(url, certificate) {
      const incoming = `${path}.${process.pid}`;
      try {
        const text = JSON.stringify({ url, key, ...(certificate === undefined ? {} : { certificate }) });
        writeFileSync(incoming, `${text}\n`, { mode: 0o600 });
        renameSync(incoming, path);
      } catch (error) {
        throw new FatalError(`The file ${path} cannot be written (${messageOf(error)}): make the folder writable.`);
      }
    },
  };
}

function read(path: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FatalError(`The file ${path} cannot be read (${messageOf(error)}): make it readable for this user.`);
  }
  try {
    return adminFile.parse(JSON.parse(text)).key;
  } catch {
    throw new FatalError(`The file ${path} is damaged: delete it, and a new key is made at the next start.`);
  }
}
