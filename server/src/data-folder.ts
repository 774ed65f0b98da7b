import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { weakness } from './config/secret.ts';
import { deriveKey } from './derive-key.ts';
import { FatalError, messageOf } from './fatal.ts';

/** 256 bits, as hex. What somebody put there by hand is refused where it is no random number. */
const key = z.string().superRefine((value, context) => {
  const why = weakness(value, { length: 64, kinds: 8 });
  if (why !== undefined) context.addIssue(why);
  else if (!/^[0-9a-f]{64}$/.test(value)) context.addIssue('it has to be 64 hexadecimal digits');
});

const secretsFile = z.strictObject({
  resumeTokenKey: key,
  /** Missing where an earlier version made the file. */
  turnSecret: key.optional(),
  tokenKey: key.optional(),
  adminSecret: key.optional(),
});

export type Secrets = {
  /** Keys the hashes under which resume tokens are looked up. */
  resumeTokenKey: Buffer;
  /** What the server's own TURN relay shares with it. */
  turnSecret: string;
  /** Signs the tokens that let people into rooms. */
  tokenKey: Buffer;
  /** Signs links to recordings. */
  linkKey: Buffer;
  /** Signs the paths of private live events. */
  pathKey: Buffer;
  /** Of passphrases for SRT. */
  srtKey: Buffer;
  /** What lets somebody into the admin page. */
  adminSecret: string;
};

/** Makes the data folder where it is missing, and closes it to other users (mode 0700). */
export function openDataFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
  } catch (error) {
    throw new FatalError(
      `The data folder ${path} cannot be used (${messageOf(error)}): make it writable for this user, or set another with "dataDir".`,
    );
  }
}

/** Reads the secrets of this installation, which are made at the first start, in a file of mode 0600. */
export function loadSecrets(dataDir: string): Secrets {
  const path = join(dataDir, 'secrets.json');
  const text = readOrMake(path);
  try {
    chmodSync(path, 0o600);
    const read = secretsFile.parse(JSON.parse(text));
    const secrets = {
      ...read,
      turnSecret: read.turnSecret ?? freshKey(),
      tokenKey: read.tokenKey ?? freshKey(),
      adminSecret: read.adminSecret ?? freshKey(),
    };
    if (Object.keys(read).length < Object.keys(secrets).length) replace(path, secrets);
    const tokenKey = Buffer.from(secrets.tokenKey, 'hex');
    return {
      ...secrets,
      resumeTokenKey: Buffer.from(secrets.resumeTokenKey, 'hex'),
      tokenKey,
      linkKey: deriveKey(tokenKey, 'amphi recording links'),
      pathKey: deriveKey(tokenKey, 'amphi paths of live events'),
      srtKey: deriveKey(tokenKey, 'amphi passphrases for SRT'),
    };
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof z.ZodError)) throw error;
    throw new FatalError(`${whatIsWrong(path, error)}: delete the file, and new secrets are made at the next start.`);
  }
}

/** The key that is wrong, never its value. */
function whatIsWrong(path: string, error: SyntaxError | z.ZodError): string {
  const [issue] = error instanceof z.ZodError ? error.issues : [];
  const name = issue?.path.join('.') ?? '';
  if (!issue || name === '') return `The file ${path} is damaged`;
  const why = issue.code === 'custom' ? issue.message : 'it is missing or no text';
  return `The secret "${name}" in ${path} is refused (${why})`;
}

function freshKey(): string {
  return randomBytes(32).toString('hex');
}

/** In one go, so that a crash leaves the old file or the new one. */
function replace(path: string, secrets: z.infer<typeof secretsFile>): void {
  const incoming = `${path}.${process.pid}`;
  try {
    writeFileSync(incoming, `${JSON.stringify(secrets)}\n`, { mode: 0o600 });
    renameSync(incoming, path);
  } catch (error) {
    throw notWritten(path, error);
  }
}

function readOrMake(path: string): string {
  const fresh: z.infer<typeof secretsFile> = {
    resumeTokenKey: freshKey(),
    turnSecret: freshKey(),
    tokenKey: freshKey(),
    adminSecret: freshKey(),
  };
  try {
    // Fails where the file is, so that two starts at once end up with the same secrets.
    writeFileSync(path, `${JSON.stringify(fresh)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw notWritten(path, error);
  }
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new FatalError(
      `The secrets in ${path} cannot be read (${messageOf(error)}): make the file readable for this user.`,
    );
  }
}

function notWritten(path: string, error: unknown): FatalError {
  return new FatalError(`The secrets cannot be written to ${path} (${messageOf(error)}): make the folder writable.`);
}
