import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CreateRoomInput, CreateRoomOutput } from '@amphi/protocol';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
const READY_WITHIN_MS = 60_000;

/** The server as people start it, in a process of its own, without a relay. */
export type SpawnedServer = {
  readonly url: string;
  readonly mediaPort: number;
  readonly dataDir: string;
  readonly pid: number;
  /** All that it printed and logged. */
  readonly output: () => string;
  /** As those of TestServer. */
  createRoom(input?: CreateRoomInput): Promise<string>;
  hostKeyOf(room: string): string;
  /** Ends it with a signal; the folder stays. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Ends it and removes the folder. */
  close(): Promise<void>;
};

export async function spawnServer(
  options: { dataDir?: string; args?: readonly string[]; env?: Record<string, string> } = {},
): Promise<SpawnedServer> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'amphi-spawned-'));
  for (let attempt = 0; ; attempt++) {
    const mediaPort = randomInt(10_000, 20_000);
    const args = ['--port=0', `--media-port=${mediaPort}`, '--media-workers=1', '--media-listen-ip=127.0.0.1'];
    const child = spawn(process.execPath, [MAIN, '--data-dir', dataDir, ...args, ...(options.args ?? [])], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, AMPHI_TURN_MODE: 'off', ...options.env },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    const url = await addressOf(child, () => output);
    if (url !== undefined) return describeServer({ child, url, mediaPort, dataDir, output: () => output });
    if (/is taken/.test(output) && attempt < 5) continue;
    throw new Error(`the server did not start: ${output}`);
  }
}

/** What the banner says; undefined when the process ends before. */
async function addressOf(child: ChildProcess, output: () => string): Promise<string | undefined> {
  let ended = false;
  child.once('close', () => (ended = true));
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    const [url] = /http:\/\/\S+:\d+/.exec(output()) ?? [];
    if (url !== undefined && output().includes('Amphi is ready')) return url.replace(/\/$/, '');
    if (ended) return undefined;
    await sleep(20);
  }
  child.kill('SIGKILL');
  throw new Error(`the server is not ready after ${READY_WITHIN_MS} ms: ${output()}`);
}

type Facts = { child: ChildProcess; url: string; mediaPort: number; dataDir: string; output: () => string };

function describeServer({ child, ...facts }: Facts): SpawnedServer {
  const hostKeys = new Map<string, string>();
  const ended = once(child, 'close');
  async function kill(signal: NodeJS.Signals): Promise<void> {
    child.kill(signal);
    await ended;
  }
  return {
    ...facts,
    pid: child.pid ?? 0,
    async createRoom(input = {}) {
      const response = await fetch(new URL('/api/rooms', facts.url), { method: 'POST', body: JSON.stringify(input) });
      if (!response.ok) throw new Error(`no room was made: ${response.status} ${await response.text()}`);
      const { id, hostKey } = (await response.json()) as CreateRoomOutput;
      hostKeys.set(id, hostKey);
      return id;
    },
    hostKeyOf(room) {
      const key = hostKeys.get(room);
      if (key === undefined) throw new Error(`${room} was not made here`);
      return key;
    },
    kill,
    async close() {
      await kill('SIGKILL');
      rmSync(facts.dataDir, { recursive: true, force: true });
    },
  };
}
