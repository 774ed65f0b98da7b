import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ConfigInput, configSchema } from '../src/index.ts';
import { machineAddresses } from '../src/net/addresses.ts';
import { findProgram } from '../src/turn/binary.ts';
import { createRelay, type Relay, type RelayOptions } from '../src/turn/relay.ts';
import { keepingLogger, type Log, missingCoturn, newSecret, relayPorts } from './support/turn/coturn.ts';
import { TurnClient } from '../src/stun/turn-client.ts';

if (missingCoturn) console.warn(missingCoturn);

const SFU = '10.9.8.7';
const PATIENCE = { timeout: 10_000 };

describe.skipIf(missingCoturn)("the server's own relay", () => {
  let dataDir: string;
  let log: Log;
  let relays: Relay[];

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'amphi-relay-'));
    log = keepingLogger();
    relays = [];
  });
  afterEach(async () => {
    for (const relay of relays) await relay.close();
    rmSync(dataDir, { recursive: true });
  });

  function settings(turn: ConfigInput['turn'] = {}): ConfigInput {
    return {
      host: '192.0.2.1',
      dataDir,
      media: { workers: 1, listenIp: '127.0.0.1', announced: [SFU] },
      turn: { ...relayPorts(), ...turn },
    };
  }

  async function start(turn: ConfigInput['turn'] = {}, options: Partial<RelayOptions> = {}) {
    const config = configSchema.parse(settings(turn));
    const { logger } = log;
    const relay = await createRelay({
      config,
      logger,
      dataDir,
      mediaAddresses: [SFU],
      secret: newSecret(),
      ...options,
    });
    relays.push(relay);
    return { relay, config };
  }

  /** The process ids of coturn with this test's files open. */
  function coturns(): number[] {
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number)
      .filter((pid) => commandOf(pid).startsWith(findProgram('turnserver') ?? '?') && parentOf(pid) === process.pid);
  }

  async function allocate(relay: Relay, port: number, address = '127.0.0.1'): Promise<number> {
    const turn = relay.grant('session').iceServers.find(({ credential }) => credential !== undefined);
    const { username = '', credential = '' } = turn ?? {};
    const client = await TurnClient.connect({ address, port }, { username, credential });
    return client.allocate().finally(() => client.close());
  }

  test('runs, and takes the credentials that members get', async () => {
    const { relay, config } = await start();
    const { port } = config.turn;
    expect(relay.status()).toMatchObject({ state: 'running', version: expect.stringMatching(/^\d+\.\d+/) });
    const { iceServers, expiresInMs } = relay.grant('session');
    expect(expiresInMs).toBe(600_000);
    expect(iceServers).toEqual([
      { urls: [`stun:${SFU}:${port}`] },
      {
        urls: [`turn:${SFU}:${port}?transport=udp`, `turn:${SFU}:${port}?transport=tcp`],
        username: expect.stringMatching(/^\d+:session$/),
        credential: expect.any(String),
      },
    ]);
    expect(await allocate(relay, port)).toBe(0);
  });

  test('keeps its secret in a file for itself, off the command line, and has no rights to speak of', async () => {
    const secret = newSecret();
    await start({}, { secret });
    const [pid = 0] = coturns();
    expect(commandOf(pid)).not.toContain(secret);
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).toBe('');
    const file = join(dataDir, 'turn', 'turnserver.conf');
    expect(readFileSync(file, 'utf8')).toContain(secret);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\t[1-9]/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    // Nothing but CAP_NET_BIND_SERVICE, and that only where this is root.
    expect(status).toMatch(/^CapEff:\t0000000000000(4|0)00$/m);
    expect(log.lines.join('\n')).not.toContain(secret);
  });

  test('is started again when it dies', async () => {
    const { relay, config } = await start();
    const [pid = 0] = coturns();
    process.kill(pid, 'SIGKILL');
    await expect
      .poll(() => relay.status(), PATIENCE)
      .toMatchObject({
        state: 'failed',
        reason: expect.stringContaining('SIGKILL'),
      });
    expect(relay.grant('session').iceServers).toEqual([]);
    await expect.poll(() => relay.status().state, PATIENCE).toBe('running');
    expect(coturns()).not.toContain(pid);
    expect(await allocate(relay, config.turn.port)).toBe(0);
  });

  test('waits for a port that is taken, and says which', async () => {
    const ports = relayPorts();
    const other = createServer().listen(ports.port, '127.0.0.1');
    await once(other, 'listening');
    const { relay } = await start(ports);
    expect(relay.status()).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(new RegExp(`^Port ${ports.port} \\(TCP\\) for the relay is taken: .*"turn.port"`)),
    });
    await new Promise((resolve) => other.close(resolve));
    await expect.poll(() => relay.status().state, PATIENCE).toBe('running');
  });

  test('that ends at once is tried again and again, and said once', async () => {
    const { relay } = await start({}, { findCoturn: () => '/bin/false' });
    expect(relay.status()).toMatchObject({ state: 'failed', reason: expect.stringContaining('code 1') });
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(log.lines.filter((line) => line.startsWith('the TURN relay does not run'))).toHaveLength(1);
  });

  test('that is not installed is said, with the cure', async () => {
    const { relay } = await start({}, { findCoturn: () => undefined });
    expect(relay.status()).toMatchObject({ state: 'failed', reason: expect.stringContaining('apt-get install') });
    expect(relay.grant('session')).toEqual({ iceServers: [], expiresInMs: null });
  });

  test('ends with the server, and leaves no secret behind', async () => {
    const { relay } = await start();
    const [pid = 0] = coturns();
    await relay.close();
    expect(isAlive(pid)).toBe(false);
    expect(readdirSync(dataDir)).not.toContain('turn');
  });

  test.skipIf(!findProgram('setpriv'))('ends with a server that is killed', async () => {
    const script = join(import.meta.dirname, 'support', 'turn', 'relay-process.ts');
    const owner = spawn(process.execPath, [script, JSON.stringify(settings())], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(owner.stdout, 'data')) as [Buffer];
    expect(line.toString()).toBe('running\n');
    const pid = Number(readFileSync(`/proc/${owner.pid}/task/${owner.pid}/children`, 'utf8').trim());
    expect(commandOf(pid)).toContain('turnserver');
    owner.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), PATIENCE).toBe(false);
  });

  // Loopback is not relayed to, so this takes an address on a network.
  const [address] = machineAddresses();
  test.skipIf(address === undefined)("brings packets to the SFU's address and back", async () => {
    const sfu = createSocket(address?.includes(':') ? 'udp6' : 'udp4');
    sfu.bind(0, address);
    await once(sfu, 'listening');
    sfu.on('message', (data, { address: from, port }) => sfu.send(`back: ${data.toString()}`, port, from));
    const media = { workers: 1, listenIp: address ?? '', announced: [address ?? ''] };
    const config = configSchema.parse({ ...settings(), media });
    const { relay } = await start({}, { config, mediaAddresses: media.announced });
    const turn = relay.grant('session').iceServers[1];
    const client = await TurnClient.connect(
      { address: address ?? '', port: config.turn.port, over: 'tcp' },
      { username: turn?.username ?? '', credential: turn?.credential ?? '' },
    );
    expect(await client.allocate()).toBe(0);
    expect(await client.bindChannel(0x4000, address ?? '', sfu.address().port)).toBe(0);
    client.send(0x4000, Buffer.from('through'));
    expect((await client.receive()).toString()).toBe('back: through');
    client.close();
    sfu.close();
  });
});

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

function parentOf(pid: number): number {
  return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** A process that ended and was not waited for is not alive. */
function isAlive(pid: number): boolean {
  return commandOf(pid) !== '';
}
