import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examine, isHealthy } from '../src/doctor/examine.ts';
import type { Finding } from '../src/doctor/finding.ts';
import { examinePaths } from '../src/doctor/paths.ts';
import { report } from '../src/doctor/print.ts';
import { configSchema } from '../src/index.ts';
import { freeLoopbackPort } from '../src/turn/ports.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { missingCoturn, relayPorts } from './support/turn/coturn.ts';

if (missingCoturn) console.warn(missingCoturn);

const stateOf = (findings: readonly Finding[]) => Object.fromEntries(findings.map(({ id, state }) => [id, state]));
const finding = (findings: readonly Finding[], id: string) => findings.find((each) => each.id === id);

describe('the ways to a running server', () => {
  const servers: TestServer[] = [];
  afterAll(async () => {
    for (const server of servers) await server.close();
  });

  async function start(...args: Parameters<typeof startTestServer>): Promise<TestServer> {
    const server = await startTestServer(...args);
    servers.push(server);
    return server;
  }

  test.skipIf(missingCoturn)('are all open, the relay included', async () => {
    // Behind a proxy on this machine it serves others, and so has a relay.
    const { url } = await start({ trustProxy: 1, turn: { ...relayPorts(), host: '127.0.0.1' } });
    const findings = await examinePaths(url);
    expect(stateOf(findings)).toEqual({
      session: 'ok',
      'media-udp': 'ok',
      'media-tcp': 'ok',
      'turn-udp': 'ok',
      'turn-tcp': 'ok',
    });
    expect(isHealthy(findings)).toBe(true);
    expect(JSON.stringify(findings)).not.toMatch(/credential|password=/);
  });

  test('a wrong announced address is found, with the cure', async () => {
    // Nobody has this one (RFC 5737).
    const { url } = await start({ media: { announced: ['192.0.2.77'] } });
    const findings = await examinePaths(url);
    expect(stateOf(findings)).toMatchObject({
      session: 'ok',
      'media-udp': 'failed',
      'media-tcp': 'failed',
      turn: 'skipped',
    });
    expect(finding(findings, 'media-udp')).toMatchObject({
      found: expect.stringContaining('192.0.2.77:'),
      cure: expect.stringContaining('"media.announced"'),
    });
  });

  test.skipIf(missingCoturn)('a relay with another secret is found, with the cure', async () => {
    const ports = relayPorts();
    await start({ trustProxy: 1, turn: { ...ports, host: '127.0.0.1' } });
    const turn = {
      mode: 'external' as const,
      urls: [`turn:127.0.0.1:${ports.port}?transport=udp`],
      secret: randomBytes(32).toString('hex'),
    };
    const { url } = await start({ turn });
    const findings = await examinePaths(url);
    expect(finding(findings, 'turn-udp')).toMatchObject({
      state: 'failed',
      found: expect.stringContaining('401'),
      cure: expect.stringContaining('"turn.secret"'),
    });
  });

  test('a server that lets nobody in is found', async () => {
    const other = createServer((socket) => socket.end('HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n'));
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const findings = await examinePaths(`http://127.0.0.1:${(other.address() as AddressInfo).port}`);
    other.close();
    expect(findings).toMatchObject([{ id: 'session', state: 'failed', cure: expect.any(String) }]);
  });
});

describe('a machine where the server does not run', () => {
  let dataDir: string;
  beforeAll(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'amphi-doctor-'));
  });
  afterAll(() => rmSync(dataDir, { recursive: true }));

  test('its ports are looked at, and one that is taken is named', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const config = configSchema.parse({ port, dataDir, media: { port: 10_600, workers: 1, listenIp: '127.0.0.1' } });
    const origin = `http://127.0.0.1:${await freeLoopbackPort()}`;
    const findings = await examine({ config, env: process.env, origin });
    other.close();
    expect(finding(findings, 'server')?.state).toBe('skipped');
    expect(finding(findings, 'media-ports')?.state).toBe('ok');
    expect(finding(findings, 'web-port')).toMatchObject({
      state: 'failed',
      found: expect.stringContaining(`Port ${port} (TCP) is taken`),
      cure: expect.stringContaining('"port"'),
    });
    expect(finding(findings, 'worker')?.state).toBe('ok');
    expect(isHealthy(findings)).toBe(false);
    const text = report(findings);
    expect(text).toContain('FAIL  Port of the page');
    expect(text).toMatch(/to mend, \d+ to note\.\n$/);
  });
});
