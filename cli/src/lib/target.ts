import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { z } from 'zod';
import { CliError } from './cli-error.ts';

/** The checkout's own data folder, as the server has it by default. */
const DATA_DIR = join(import.meta.dirname, '..', '..', '..', 'data');

/** What the server leaves in its data folder for this command, readable by its own user only. */
const adminFile = z.object({
  url: z.url(),
  key: z.string().min(1),
  /** The PEM text of a self-signed certificate. */
  certificate: z.string().optional(),
});

/** Which server is meant, and what opens it. */
export type Target = {
  url: string;
  /** The API key; undefined where none was found. */
  key: string | undefined;
  /** The server's data folder, where this is the server's machine. */
  dataDir: string | undefined;
  /** The PEM text of a certificate to trust beside those of the system. */
  certificate: string | undefined;
};

/**
 * Finds the server and a key for it: with an address the key comes from a file or AMPHI_API_KEY, without one all is read
 * from the data folder of the server on this machine.
 * @throws CliError when what was named cannot be read.
 */
export function findTarget(
  options: { server?: string; keyFile?: string; dataDir?: string },
  env: Readonly<Record<string, string | undefined>>,
): Target {
  const key = options.keyFile === undefined ? env.AMPHI_API_KEY : readText(options.keyFile).trim();
  const url = options.server ?? env.AMPHI_URL;
  if (url !== undefined) {
    if (!URL.canParse(url)) throw new CliError(`"${url}" is no address: write it like https://meet.example.org.`, 2);
    return { url, key, dataDir: undefined, certificate: undefined };
  }
  const dataDir = resolve(options.dataDir ?? env.AMPHI_DATA_DIR ?? DATA_DIR);
  const admin = readAdminFile(join(dataDir, 'admin.json'));
  if (!admin) return { url: 'http://localhost:3000', key, dataDir, certificate: undefined };
  return { url: admin.url, key: key ?? admin.key, dataDir, certificate: admin.certificate };
}

/** Makes this process trust the target's certificate beside those that it trusts anyway. */
export function trust({ certificate }: Target): void {
  if (certificate !== undefined) setDefaultCACertificates([...getCACertificates('default'), certificate]);
}

function readAdminFile(path: string): z.infer<typeof adminFile> | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(path, error);
  }
  try {
    return adminFile.parse(JSON.parse(text));
  } catch {
    throw new CliError(`The file ${path} is damaged: delete it and restart the server, which makes another.`);
  }
}

/** The text of a file. @throws CliError when it cannot be read. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): CliError {
  return new CliError(`The file ${path} cannot be read (${(error as Error).message}).`);
}
