import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreateRoomInput, CreateRoomOutput } from '@amphi/protocol';
import type { Logger } from '@amphi/rooms';
import { type AmphiServer, type ConfigInput, configSchema, FatalError, startServer } from '../../src/index.ts';

export type Overrides = Omit<ConfigInput, 'media' | 'limits'> & {
  media?: Partial<NonNullable<ConfigInput['media']>>;
  limits?: Partial<NonNullable<ConfigInput['limits']>>;
};

/** A whole server in this process, with a folder of its own, on ports of its own. */
export type TestServer = {
  readonly url: string;
  readonly port: number;
  /** First media port; worker i has this one + i. */
  readonly mediaPort: number;
  /** What was logged as an error: nothing, unless the test provokes it. */
  readonly errors: string[];
  /** Makes a room and answers its id. Direct connections are off unless the policy says otherwise. */
  createRoom(input?: CreateRoomInput): Promise<string>;
  /** The key of the host link of a room that {@link createRoom} made. */
  hostKeyOf(room: string): string;
  /** A gauge or counter of `/metrics`, summed over its labels. */
  metric(name: string): Promise<number>;
  /** Begins no new call, and waits for the end of the last one. */
  drain(withinMs: number): Promise<void>;
  /** Stops it; the folder stays for {@link startTestServer} with `dataDir`. */
  stop(): Promise<void>;
  /** Stops it and removes the folder. */
  close(): Promise<void>;
  readonly dataDir: string;
};

/** More than any test needs, so that only the tests of limits meet them. */
const PLENTY = {
  sessionsPerAddress: 100_000,
  connectionsPerMinute: 100_000,
  requestsPerMinute: 100_000,
  roomsPerHour: 100_000,
  wrongGuesses: 100_000,
  socketsPerAddress: 100_000,
  messagesPerSecond: 100_000,
  addressMessagesPerSecond: 100_000,
};

/** Starts a server. Media ports that are taken by chance are not a failure: others are tried. */
export async function startTestServer(
  overrides: Overrides = {},
  options: { webRoot?: string } = {},
): Promise<TestServer> {
  const dataDir = overrides.dataDir ?? mkdtempSync(join(tmpdir(), 'amphi-test-'));
  const errors: string[] = [];
  const logger = recordingLogger(errors);
  for (let attempt = 0; ; attempt++) {
    const mediaPort = overrides.media?.port ?? randomInt(10_000, 20_000);
    const config = configSchema.parse({
      host: '127.0.0.1',
      port: 0,
      logLevel: 'silent',
      // Only the tests of them listen for RTMP and SRT: there is one such port.
      ...{ rtmp: { port: 0 }, srt: { port: 0 } },
      ...overrides,
      dataDir,
      limits: { ...PLENTY, ...overrides.limits },
      media: { workers: 1, listenIp: '127.0.0.1', ...overrides.media, port: mediaPort },
    });
    try {
      return describeServer(await startServer({ config, logger, ...options }), { mediaPort, errors, dataDir });
    } catch (error) {
      if (error instanceof FatalError && /is taken/.test(error.message) && attempt < 5) continue;
      if (overrides.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
      throw error;
    }
  }
}

function describeServer(server: AmphiServer, facts: Pick<TestServer, 'mediaPort' | 'errors' | 'dataDir'>): TestServer {
  const { url } = server;
  const hostKeys = new Map<string, string>();
  return {
    ...facts,
    url,
    port: Number(new URL(url).port),

    async createRoom(input = {}) {
      const policy = { direct: false, ...input.policy };
      const response = await fetch(new URL('/api/rooms', url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...input, policy }),
      });
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

    async metric(name) {
      const text = await (await fetch(new URL('/metrics', url))).text();
      const lines = text.split('\n').filter((entry) => entry.startsWith(`${name} `) || entry.startsWith(`${name}{`));
      if (lines.length === 0) throw new Error(`there is no metric ${name}`);
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
    },

    drain: (withinMs) => server.drain(withinMs),
    stop: () => server.close(),

    async close() {
      await server.close();
      rmSync(facts.dataDir, { recursive: true, force: true });
    },
  };
}

function recordingLogger(errors: string[]): Logger {
  const ignore = () => {};
  return {
    debug: ignore,
    info: ignore,
    warn: ignore,
    error(details, message) {
      const { err } = details as { err?: unknown };
      errors.push(`${message}: ${err instanceof Error ? (err.stack ?? err.message) : JSON.stringify(details)}`);
    },
  };
}
