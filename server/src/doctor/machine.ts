import { execFile, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, globSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Config } from '../config/schema.ts';
import { messageOf } from '../fatal.ts';
import { isLoopback } from '../net/addresses.ts';
import { coturnVersion, findProgram } from '../turn/binary.ts';
import { failed, type Finding, ok, skipped, warn } from './finding.ts';

const GB = 1024 ** 3;
const LITTLE_SPACE = 2 * GB;
const NO_SPACE = GB / 5;

/** Rights of the data folder, and of the secrets in it. */
export function examineDataFolder({ dataDir }: Config): Finding {
  const [id, title] = ['data-folder', 'Data folder'];
  if (!existsSync(dataDir)) return ok(id, title, `${dataDir} is not there yet and is made at the first start.`);
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const cure = `Make it writable for the user of the server (chown -R), or choose another with "dataDir".`;
    return failed(id, title, `${dataDir} cannot be used by this user (${messageOf(error)}).`, cure);
  }
  const open = [dataDir, join(dataDir, 'secrets.json')].filter((path) => existsSync(path) && isOpen(path));
  if (open.length > 0) {
    const cure = `Close them to other users: chmod go-rwx ${open.join(' ')}`;
    return warn(id, title, `Other users of this machine can read ${open.join(' and ')}.`, cure);
  }
  return ok(id, title, `${dataDir} is there, writable, and closed to others.`);
}

function isOpen(path: string): boolean {
  return (statSync(path).mode & 0o077) !== 0;
}

export function examineDisk({ dataDir }: Config, free = freeBytes): Finding {
  const [id, title] = ['disk', 'Disk space'];
  const bytes = free(dataDir);
  if (bytes === undefined) return skipped(id, title, 'The system does not say how much is free.');
  const found = `${(bytes / GB).toFixed(1)} GB are free for ${dataDir}.`;
  const cure = 'Make room, or choose a folder on another disk with "dataDir": rooms, recordings and logs need it.';
  if (bytes < NO_SPACE) return failed(id, title, found, cure);
  return bytes < LITTLE_SPACE ? warn(id, title, found, cure) : ok(id, title, found);
}

/** Of the disk on which a path is, or will be. */
function freeBytes(path: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return dirname(path) === path ? undefined : freeBytes(dirname(path));
  }
}

/** Credentials of the relay and certificates are good by the clock. */
export async function examineClock(now = Date.now(), isSynchronized = synchronized): Promise<Finding> {
  const [id, title] = ['clock', 'Clock'];
  const cure = 'Set the clock and keep it set: apt-get install systemd-timesyncd, then timedatectl set-ntp true.';
  const at = new Date(now).toISOString();
  // The sources cannot be younger than today.
  if (now < statSync(import.meta.filename).mtimeMs - 24 * 3_600_000) {
    return failed(id, title, `It says ${at}, which is before this program was installed.`, cure);
  }
  const answer = await isSynchronized();
  if (answer === undefined)
    return skipped(id, title, `It says ${at}; the system does not tell whether that is kept right.`);
  return answer
    ? ok(id, title, `It is kept right by the network: ${at}.`)
    : warn(id, title, `It says ${at}, and nothing keeps it right.`, cure);
}

async function synchronized(): Promise<boolean | undefined> {
  const ask = promisify(execFile)('timedatectl', ['show', '--property=NTPSynchronized', '--value'], { timeout: 3000 });
  const { stdout } = await ask.catch(() => ({ stdout: '' }));
  const word = stdout.trim();
  return word === 'yes' ? true : word === 'no' ? false : undefined;
}

/** mediasoup-worker ends with this code when it is started by hand; anything else means that it cannot run here. */
const STARTED_BY_HAND = 41;

export function examineWorker(config: Config, env: NodeJS.ProcessEnv): Finding {
  const [id, title] = ['worker', 'Media worker'];
  const places = workerPlaces(config, env);
  const path = places.find((place) => existsSync(place));
  if (path === undefined) {
    return failed(
      id,
      title,
      'There is no mediasoup-worker.',
      'Run "npm start", which fetches or builds it, or name one with "media.workerBin".',
    );
  }
  const { status, signal, error } = spawnSync(path, [], { env: {}, stdio: 'ignore', timeout: 5000 });
  if (status === STARTED_BY_HAND) return ok(id, title, `${path} runs.`);
  const how = error ? messageOf(error) : `code ${status ?? signal}`;
  return failed(
    id,
    title,
    `${path} does not run on this system (${how}).`,
    'Delete it and run "npm start", which builds another.',
  );
}

/** In the order in which the server and its set-up look. */
function workerPlaces({ media }: Config, env: NodeJS.ProcessEnv): string[] {
  const named = media.workerBin ?? env['MEDIASOUP_WORKER_BIN'];
  if (named !== undefined) return [named];
  // The package exports no manifest by name: it is looked for from where the code is.
  const manifest = findPackageJSON('mediasoup', import.meta.url);
  if (manifest === undefined) return [];
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const cache = join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'amphi');
  return [
    ...globSync(join(cache, `mediasoup-worker-${version}-*-${process.arch}`, 'mediasoup-worker')),
    join(dirname(manifest), 'worker', 'out', 'Release', 'mediasoup-worker'),
  ];
}

export async function examineFfmpeg(find = findProgram): Promise<Finding> {
  const [id, title] = ['ffmpeg', 'ffmpeg'];
  const path = find('ffmpeg');
  if (path === undefined) {
    return warn(
      id,
      title,
      'It is not installed; calls do without, recordings and live streams do not.',
      'sudo apt-get install -y --no-install-recommends ffmpeg',
    );
  }
  const { stdout } = await promisify(execFile)(path, ['-version'], { timeout: 5000 }).catch(() => ({ stdout: '' }));
  const version = /ffmpeg version (\S+)/.exec(stdout)?.[1];
  return version === undefined
    ? failed(id, title, `${path} does not run.`, 'Install it anew: sudo apt-get install --reinstall ffmpeg')
    : ok(id, title, `${path}, version ${version}.`);
}

export async function examineCoturn(config: Config, find = findProgram): Promise<Finding> {
  const [id, title] = ['coturn', 'Relay program (coturn)'];
  const { mode } = config.turn;
  if (mode !== 'auto')
    return skipped(id, title, mode === 'off' ? 'Switched off by "turn.mode".' : 'Not needed: the relay is elsewhere.');
  if (isLoopback(config.host) && config.trustProxy === 0)
    return skipped(id, title, 'Not needed: this server is for this machine only.');
  const path = find('turnserver');
  if (path === undefined) {
    return warn(
      id,
      title,
      'It is not installed, so people behind strict firewalls have only media over TCP.',
      'sudo apt-get install -y --no-install-recommends coturn, then start the server again.',
    );
  }
  const version = await coturnVersion(path);
  return version === undefined
    ? failed(id, title, `${path} does not run.`, 'Install it anew: sudo apt-get install --reinstall coturn')
    : ok(id, title, `${path}, version ${version}.`);
}
