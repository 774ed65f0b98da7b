import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const ELSEWHERE = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin'];

/** The path of a program, from PATH or where systems keep what only root has in its PATH. */
export function findProgram(name: string, path: string = process.env['PATH'] ?? ''): string | undefined {
  return [...path.split(delimiter), ...ELSEWHERE]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What `turnserver --version` says, `4.6.1`; undefined when it says nothing that looks like one. */
export async function coturnVersion(binary: string): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)(binary, ['--version'], { timeout: 2000 }).catch(() => ({ stdout: '' }));
  return /\d+\.\d+(\.\d+)*/.exec(stdout)?.[0];
}

export type Account = { uid: number; gid: number };

/** The account that a relay started by root runs as: the one of Debian's package, else nobody. */
export function relayAccount(passwd: string = readFileSync('/etc/passwd', 'utf8')): Account | undefined {
  for (const name of ['turnserver', 'nobody']) {
    const [, , uid, gid] =
      passwd
        .split('\n')
        .find((line) => line.startsWith(`${name}:`))
        ?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}
