import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@amphi/rooms';
import { messageOf } from '../fatal.ts';
import { type Account, findProgram, relayAccount } from './binary.ts';
import { type CoturnOptions, coturnConfig } from './coturn-config.ts';
import { type ConsoleAddress, openConsole } from './console.ts';
import { answersStun, freeLoopbackPort, type Listening, whyNotFree } from './ports.ts';

/** Between a death and the next start; doubled at each that follows, until one has lived for `STEADY_MS`. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
const STEADY_MS = 60_000;
/** How long it may take to answer after the start, and to end after SIGTERM. */
const READY_WITHIN_MS = 8000;
const STOP_WITHIN_MS = 1000;
/** How many of its last complaints are kept, to say why it died. */
const COMPLAINTS = 3;

/** coturn as it finds them: open files, since it may run as a user who cannot look into the data folder. */
const CONFIG_FD = '/dev/fd/3';
export const CERT_FD = '/dev/fd/4';
export const KEY_FD = '/dev/fd/5';

export type SuperviseOptions = {
  binary: string;
  /** Where its files are kept, readable for it alone. */
  folder: string;
  config: CoturnOptions;
  /** PEM. */
  certificate?: { cert: string; key: string } | undefined;
  logger: Logger;
};

/** A coturn that is started again whenever it dies. */
export interface Coturn {
  /** Why it does not serve at the moment, in one sentence; undefined when it does. */
  readonly trouble: string | undefined;
  readonly pid: number | undefined;
  /** Ends the allocations whose user names are over; answers how many, and how many are left. */
  endAllocations(isOver: (username: string) => boolean): Promise<{ ended: number; left: number }>;
  close(): Promise<void>;
}

/** Starts coturn and resolves when it serves, or when it is known that it does not yet. Never rejects. */
export async function superviseCoturn(options: SuperviseOptions): Promise<Coturn> {
  const { logger, config } = options;
  let child: ChildProcess | undefined;
  let trouble: string | undefined = 'The relay is starting.';
  let pause = FIRST_PAUSE_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;
  let console: ConsoleAddress | undefined;

  function failed(reason: string): void {
    if (closed) return;
    // Said once for as long as it stays the same: the next tries are as many as the day is long.
    if (reason !== trouble) logger.warn({ reason }, 'the TURN relay does not run');
    trouble = reason;
    timer = setTimeout(() => void start(), pause);
    timer.unref();
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }

  async function start(): Promise<void> {
    const taken = await whyNotFree(listenings(config));
    if (closed) return;
    if (taken !== undefined) return failed(taken);
    let started: ChildProcess;
    try {
      console = { port: await freeLoopbackPort(), password: randomBytes(32).toString('hex') };
      started = launch({ ...options, config: { ...config, console } });
    } catch (error) {
      return failed(`The relay cannot be started (${messageOf(error)}): check the data folder and coturn.`);
    }
    child = started;
    const since = performance.now();
    const complaints = follow(started, logger);
    let over = false;
    const ended = new Promise<void>((resolve) => {
      const end = (how: string) => {
        if (over) return;
        over = true;
        child = undefined;
        if (performance.now() - since > STEADY_MS) pause = FIRST_PAUSE_MS;
        failed(`coturn ended (${[how, ...complaints].join('; ')}) and is being started again.`);
        resolve();
      };
      started.once('error', (error) => end(messageOf(error)));
      // Not on `exit`: the last that it printed says why.
      started.once('close', (code, signal) => end(signal ?? `code ${code}`));
    });
    const serves = await Promise.race([ended.then(() => false), ready(config, () => over)]);
    if (over || closed) return;
    if (!serves) {
      // It is there and does not answer: its end starts another.
      started.kill('SIGKILL');
      return;
    }
    trouble = undefined;
    logger.info({ pid: started.pid, port: config.port }, 'the TURN relay runs');
  }

  await start();
  return {
    get trouble() {
      return trouble;
    },
    get pid() {
      return child?.pid;
    },
    async endAllocations(isOver) {
      // Without coturn there is none.
      if (trouble !== undefined || !console) return { ended: 0, left: 0 };
      const open = await openConsole(console);
      try {
        const all = await open.allocations();
        const over = all.filter(({ username }) => isOver(username));
        for (const { id } of over) await open.cancel(id);
        return { ended: over.length, left: all.length - over.length };
      } finally {
        open.close();
      }
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      if (child) await stop(child);
      rmSync(options.folder, { recursive: true, force: true });
    },
  };
}

function listenings({ listenIps, port, tls }: CoturnOptions): Listening[] {
  return listenIps.flatMap((address) => [
    { protocol: 'udp' as const, address, port, setting: 'turn.port' },
    { protocol: 'tcp' as const, address, port, setting: 'turn.port' },
    ...(tls ? [{ protocol: 'tcp' as const, address, port: tls.port, setting: 'turn.tlsPort' }] : []),
  ]);
}

async function ready({ listenIps, port }: CoturnOptions, isOver: () => boolean): Promise<boolean> {
  const [address = '127.0.0.1'] = listenIps;
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!isOver() && performance.now() < deadline) {
    if (await answersStun(address, port, 200)) return true;
    await sleep(50);
  }
  return false;
}

/** Writes what coturn reads, opens it, and starts coturn with as few rights as it needs. */
function launch({ binary, folder, config, certificate }: SuperviseOptions): ChildProcess {
  const account = process.getuid?.() === 0 ? relayAccount() : undefined;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const texts = [coturnConfig(config), ...(certificate ? [certificate.cert, certificate.key] : [])];
  const names = ['turnserver.conf', 'cert.pem', 'key.pem'];
  const open: number[] = [];
  try {
    for (const [index, text] of texts.entries()) {
      open.push(openFor(account, join(folder, names[index] ?? ''), text));
    }
    const setpriv = findProgram('setpriv');
    const prefix = setpriv === undefined ? [] : [setpriv, ...fewRights(account)];
    const [program = '', ...args] = [...prefix, binary, '-c', CONFIG_FD];
    // Without setpriv Node changes the user, and ports below 1024 are then out of reach.
    const user = setpriv === undefined ? account : undefined;
    return spawn(program, args, { ...user, cwd: '/', env: {}, stdio: ['ignore', 'pipe', 'pipe', ...open] });
  } finally {
    for (const fd of open) closeSync(fd);
  }
}

function openFor(account: Account | undefined, path: string, text: string): number {
  // Made anew, since the mode given here is that of new files only.
  rmSync(path, { force: true });
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
  if (account) chownSync(path, account.uid, account.gid);
  return openSync(path, 'r');
}

/**
 * For setpriv (util-linux): coturn ends with this process, however that ends, gains no rights by running anything, and
 * where this process is root keeps nothing of it but the right to open ports below 1024.
 */
function fewRights(account: Account | undefined): string[] {
  const ports = '-all,+net_bind_service';
  const asAccount = account
    ? [
        `--reuid=${account.uid}`,
        `--regid=${account.gid}`,
        '--clear-groups',
        `--inh-caps=${ports}`,
        `--ambient-caps=${ports}`,
        `--bounding-set=${ports}`,
      ]
    : [];
  return [...asAccount, '--no-new-privs', '--pdeathsig=KILL'];
}

/** Passes what coturn prints on to the log; answers its last complaints, which go on changing. */
function follow(child: ChildProcess, logger: Logger): readonly string[] {
  const complaints: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface(stream).on('line', (line) => {
      const text = readable(line);
      if (text === '') return;
      logger.debug({ coturn: text }, 'relay');
      if (!/error|cannot|fatal|failed/i.test(text)) return;
      complaints.push(text);
      if (complaints.length > COMPLAINTS) complaints.shift();
    });
  }
  return complaints;
}

/** A line of coturn without its clock, and without user names, which are one half of credentials. */
export function readable(line: string): string {
  return line
    .replace(/^\d+: (\(\d+\): )?(: )?/, '')
    .replace(/\buser <[^>]*>/g, 'user <…>')
    .replace(/\b\d{9,}:[\w-]+/g, '…')
    .trim();
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await gone;
  clearTimeout(timer);
}
