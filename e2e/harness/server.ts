import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { PolicyPatch } from '@amphi/client';
import { openRoomStore } from '@amphi/rooms';
import { type HttpAnswer, request } from './http.ts';
import { secretsIn } from './log-scan.ts';
import { freePorts } from './ports.ts';
import { childrenOf, programOf } from './processes.ts';

const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));
const READY_WITHIN_MS = 20_000;
const WORKERS = 2;

export type ServerOptions = {
  /** Settings of the server by their environment names, over the ones for tests. */
  env?: Record<string, string>;
  /** A network namespace to run in, the address that it has there, and that of its media where it is another one. */
  network?: { namespace: string; address: string; mediaAddress?: string; port?: number };
};

export type RoomOptions = { id?: string; policy?: PolicyPatch };
/** `hostPath` makes a host of whoever goes there. */
export type Room = { id: string; path: string; hostPath: string };

/** The real server as a child process, with data of its own that goes when it stops. */
export class Server {
  readonly origin: string;
  /** UDP and TCP, one for each worker. */
  readonly mediaPorts: readonly number[];
  /** Where its media and its relay are. */
  readonly mediaAddress: string;
  /** Its data folder, which goes when it stops. */
  readonly dataDir: string;
  /** All that it printed, over restarts. */
  output = '';
  readonly #options: ServerOptions;
  readonly #env: Record<string, string>;
  /** What it gave out that must not stand in its log. */
  readonly #secrets: string[] = [];
  #process: ChildProcess | null = null;

  private constructor(options: ServerOptions, firstPort: number, dataDir: string) {
    this.#options = options;
    this.dataDir = dataDir;
    const [freePort = 0, ...mediaPorts] = Array.from({ length: 1 + WORKERS }, (_, index) => firstPort + index);
    this.mediaPorts = mediaPorts;
    const port = options.network?.port ?? freePort;
    const address = options.network?.address ?? '127.0.0.1';
    this.mediaAddress = options.network?.mediaAddress ?? address;
    this.origin = options.network ? `https://${address}:${port}` : `http://localhost:${port}`;
    this.#env = {
      AMPHI_PORT: `${port}`,
      AMPHI_HOST: address,
      AMPHI_DATA_DIR: dataDir,
      // All that it could ever log, for the scan at its end.
      AMPHI_LOG_LEVEL: 'debug',
      AMPHI_MEDIA_PORT: `${mediaPorts[0]}`,
      AMPHI_MEDIA_WORKERS: `${WORKERS}`,
      AMPHI_MEDIA_CAMERA_HEIGHT: '360',
      AMPHI_MEDIA_CAMERA_FRAME_RATE: '15',
      AMPHI_MEDIA_CAMERA_MAX_BITRATE: '600000',
      // Without a network the server announces the machine's own addresses by itself. Never 127.0.0.1 beside a real
      // one: Chromium finds Ethernet cheaper than loopback, and from an Ethernet address only TCP gets to 127.0.0.1.
      ...(options.network ? { AMPHI_MEDIA_ANNOUNCED: this.mediaAddress } : {}),
      // A relay would be started wherever others than this machine are served: only the tests of relays want one.
      AMPHI_TURN_MODE: 'off',
      // Only the tests of RTMP and SRT listen for them.
      AMPHI_RTMP_PORT: '0',
      AMPHI_SRT_PORT: '0',
      ...options.env,
    };
  }

  static async start(options: ServerOptions = {}): Promise<Server> {
    const dataDir = await mkdtemp(join(tmpdir(), 'amphi-e2e-'));
    const server = new Server(options, await freePorts(1 + WORKERS), dataDir);
    try {
      await server.#launch();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error('The server is not running.');
    return pid;
  }

  /** The media workers, oldest first. */
  workerPids(): number[] {
    return childrenOf(this.pid).filter((pid) => programOf(pid).includes('mediasoup-worker'));
  }

  async createRoom(options: RoomOptions = {}): Promise<Room> {
    const { status, body } = await this.request('POST', '/api/rooms', options);
    const { id, hostKey } = JSON.parse(body) as { id?: string; hostKey?: string };
    if (id === undefined || hostKey === undefined) {
      throw new Error(`The server did not make a room: ${status} ${body}`);
    }
    this.#secrets.push(hostKey);
    return { id, path: `/r/${id}`, hostPath: `/r/${id}#host=${hostKey}` };
  }

  /** A key with which a program may publish into the room, as its host would make it. */
  streamKey(room: Room, name = 'Studio'): string {
    const store = openRoomStore(join(this.dataDir, 'rooms.db'));
    try {
      return store.streamKeys.create(room.id, name, Date.now()).key;
    } finally {
      store.close();
    }
  }

  /** An HTTP request from where the server is, so that it works into a namespace too. */
  request(method: string, path: string, json?: unknown): Promise<HttpAnswer> {
    return request(method, this.origin + path, { json, namespace: this.#options.network?.namespace });
  }

  /** What lets an admin in. */
  get adminSecret(): string {
    return this.#ownSecrets().adminSecret ?? '';
  }

  /** Kills the process as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Asks it to end, as an upgrade does, and answers the exit code. */
  async terminate(): Promise<number | null> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = once(child, 'exit') as Promise<[number | null]>;
    child.kill('SIGTERM');
    const late = sleep(15_000, 'late' as const, { ref: false });
    const outcome = await Promise.race([ended, late]);
    if (outcome !== 'late') return outcome[0];
    await this.kill();
    throw new Error('The server was still there 15 s after SIGTERM.');
  }

  /** Starts it again on the same ports with the same data. */
  async start(): Promise<void> {
    await this.#launch();
  }

  /** Ends it for good. Throws when a secret stands in what it logged all its life. */
  async stop(): Promise<void> {
    const known = [...this.#secrets, ...Object.values(this.#ownSecrets())];
    try {
      await this.terminate();
    } finally {
      await rm(this.dataDir, { recursive: true, force: true });
    }
    const leaked = secretsIn(this.output, known);
    if (leaked.length > 0) throw new Error(`The server logged secrets:\n${leaked.join('\n')}`);
  }

  #ownSecrets(): Record<string, string> {
    try {
      return JSON.parse(readFileSync(join(this.dataDir, 'secrets.json'), 'utf8')) as Record<string, string>;
    } catch {
      // It never came so far as to make some.
      return {};
    }
  }

  #inNamespace(): string[] {
    return this.#options.network ? ['ip', 'netns', 'exec', this.#options.network.namespace] : [];
  }

  async #launch(): Promise<void> {
    const [program = '', ...args] = [...this.#inNamespace(), process.execPath, MAIN];
    const child = spawn(program, args, { env: { ...process.env, ...this.#env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer) => (this.output += chunk.toString());
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#process = child;
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await this.#healthy())) {
      if (child.exitCode !== null) throw new Error(`The server ended with code ${child.exitCode}:\n${this.output}`);
      if (Date.now() > deadline) throw new Error(`The server was not ready in time:\n${this.output}`);
      await sleep(100);
    }
  }

  async #healthy(): Promise<boolean> {
    try {
      return (await this.request('GET', '/healthz')).status === 200;
    } catch {
      return false;
    }
  }
}
