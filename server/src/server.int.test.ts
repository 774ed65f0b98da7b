import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROTOCOL_VERSION } from '@amphi/protocol';
import { quietLogger } from '@amphi/rooms/testing';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ConfigInput, configSchema } from './config/schema.ts';
import { type AmphiServer, startServer } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'amphi-server-'));
const webRoot = join(folder, 'dist');
let folders = 0;

async function start(rest: ConfigInput = {}): Promise<AmphiServer> {
  const config = configSchema.parse({
    port: 0,
    dataDir: join(folder, `data-${++folders}`),
    turn: { mode: 'off' },
    ...rest,
    media: { port: randomInt(20_000, 30_000), workers: 1, listenIp: '127.0.0.1', ...rest.media },
  });
  return startServer({ config, logger: quietLogger(), webRoot });
}

beforeAll(() => {
  mkdirSync(join(webRoot, 'assets'), { recursive: true });
  writeFileSync(join(webRoot, 'index.html'), '<!doctype html><title>Amphi</title>');
  writeFileSync(join(webRoot, 'assets', 'main-abc123.js'), 'export {};'.repeat(100));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('web server', () => {
  let server: AmphiServer;
  const get = (path: string, headers: Record<string, string> = {}) => fetch(server.url + path, { headers });
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/api/rooms`, { method: 'POST', body, headers });

  beforeAll(async () => {
    server = await start({ limits: { roomsPerHour: 12, requestsPerMinute: 36 } });
  });
  afterAll(() => server.close());

  test.each(['/', '/r/lab'])('%s is the app', async (path) => {
    const answer = await get(path);
    expect([answer.status, await answer.text()]).toEqual([200, '<!doctype html><title>Amphi</title>']);
    expect(answer.headers.get('cache-control')).toBe('no-cache');
  });

  test('another page is the app as well, with status 404', async () => {
    const answer = await get('/nowhere/at/all');
    expect([answer.status, await answer.text()]).toEqual([404, '<!doctype html><title>Amphi</title>']);
  });

  test('hashed files are compressed and kept for ever', async () => {
    const answer = await get('/assets/main-abc123.js', { 'accept-encoding': 'br' });
    expect(await answer.text()).toBe('export {};'.repeat(100));
    expect(answer.headers.get('content-encoding')).toBe('br');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const etag = answer.headers.get('etag') ?? '';
    const again = await get('/assets/main-abc123.js', { 'accept-encoding': 'br', 'if-none-match': etag });
    expect(again.status).toBe(304);
  });

  test('a file that is not there is no long-lived page', async () => {
    const answer = await get('/assets/main-old.js');
    expect(answer.status).toBe(404);
    expect(answer.headers.get('cache-control')).toBe('no-cache');
  });

  test.each(['/', '/nowhere', '/assets/main-abc123.js', '/healthz', '/api/rooms/none'])(
    '%s has the security headers',
    async (path) => {
      const { headers } = await get(path);
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*frame-ancestors 'none'$/);
      expect(headers.get('permissions-policy')).toContain('camera=(self), microphone=(self), display-capture=(self)');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('strict-transport-security')).toBeNull();
      expect(headers.get('x-powered-by')).toBeNull();
    },
  );

  test('a room can be made and looked up', async () => {
    const made = await post(JSON.stringify({ id: 'Our-Lab', policy: { capacity: 5 } }));
    expect(made.status).toBe(201);
    const { hostKey, ...links } = (await made.json()) as { hostKey: string };
    expect(hostKey).toMatch(/^[\w-]{32}$/);
    const url = `${server.url}/r/our-lab`;
    expect(links).toEqual({ id: 'our-lab', url, hostUrl: `${url}#host=${hostKey}` });
    const found = await get('/api/rooms/OUR-lab');
    const policy = { direct: true, capacity: 5, locked: false, lobby: false, password: false, guestRole: 'speaker' };
    expect(await found.json()).toMatchObject({ id: 'our-lab', policy });
    expect(found.headers.get('cache-control')).toBe('no-store');
  });

  test('a room with a password says that there is one, and a locked room says nothing', async () => {
    await post(JSON.stringify({ id: 'closed', policy: { password: 'open sesame' } }));
    const found = await (await get('/api/rooms/closed')).text();
    expect(JSON.parse(found)).toMatchObject({ policy: { password: true } });
    expect(found).not.toContain('sesame');
    await post(JSON.stringify({ id: 'locked', policy: { locked: true } }));
    const [locked, none] = await Promise.all([get('/api/rooms/locked'), get('/api/rooms/nowhere')]);
    expect(locked.status).toBe(404);
    expect(await locked.text()).toBe(await none.text());
  });

  test('a room without a name gets one that cannot be guessed', async () => {
    const { id } = (await (await post('')).json()) as { id: string };
    expect(id).toMatch(/^([a-z]{5}-){4}[a-z]{5}$/);
    expect((await get(`/api/rooms/${id}`)).status).toBe(200);
  });

  test.each([
    ['a name that is taken', JSON.stringify({ id: 'taken' }), 409, 'wrong-state'],
    ['a name that is none', JSON.stringify({ id: 'a--b' }), 400, 'bad-request'],
    ['a policy that is none', JSON.stringify({ policy: { capacity: 0 } }), 400, 'bad-request'],
    ['what is no JSON', '{id', 400, 'bad-request'],
    ['what is no object', '[]', 400, 'bad-request'],
    ['too much', JSON.stringify({ id: 'x'.repeat(5000) }), 413, 'too-large'],
  ])('a room with %s is refused', async (_what, body, status, code) => {
    if (code === 'wrong-state') await post(body);
    const answer = await post(body);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { code, message: expect.any(String) } });
  });

  test.each(['/api/rooms/nowhere', '/api/rooms/__proto__', '/api/rooms/%00', '/api/nothing'])(
    '%s is not found, as JSON',
    async (path) => {
      const answer = await get(path);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ error: { message: expect.any(String) } });
    },
  );

  test('other sites may not use the API', async () => {
    const answer = await post('{}', { origin: 'https://evil.example' });
    expect([answer.status, await answer.json()]).toMatchObject([403, { error: { code: 'forbidden' } }]);
  });

  test('health and metrics are there for this machine', async () => {
    expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' });
    const metrics = await (await get('/metrics')).text();
    expect(metrics).toMatch(/^amphi_workers 1$/m);
    expect(metrics).toMatch(/^amphi_sessions 0$/m);
  });

  // The last one, since it uses up what this address may.
  test('an address that makes too many rooms is refused for a while', async () => {
    let answer = await post('{}');
    for (let n = 0; n < 12 && answer.status === 201; n++) answer = await post('{}');
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({ error: { code: 'rate-limited' } });
  });
});

describe('life of a server', () => {
  function connect(url: string, auth: object): Socket {
    return io(url, { transports: ['websocket'], forceNew: true, reconnection: false, auth });
  }

  test('it tells everybody that it stops, and can be started again on the same data', async () => {
    const dataDir = join(folder, 'kept');
    const first = await start({ dataDir });
    await fetch(`${first.url}/api/rooms`, { method: 'POST', body: JSON.stringify({ id: 'kept' }) });
    const socket = connect(first.url, { protocol: PROTOCOL_VERSION, room: 'kept' });
    const events: { name: string; data: Record<string, unknown> }[] = [];
    socket.on('event', (event) => events.push(event));
    await expect.poll(() => events.length).toBe(1);
    expect(events[0]?.name).toBe('session.welcome');

    const closing = first.close();
    await expect.poll(() => events.length).toBe(2);
    expect(events[1]).toMatchObject({ name: 'session.ended', data: { reason: 'server-stopping' } });
    await closing;
    await first.close();
    await expect(fetch(`${first.url}/healthz`)).rejects.toThrow('fetch failed');

    const second = await start({ dataDir });
    expect((await fetch(`${second.url}/api/rooms/kept`)).status).toBe(200);
    const resume = { token: String(events[0]?.data.resumeToken), seq: 0 };
    const again = connect(second.url, { protocol: PROTOCOL_VERSION, room: 'kept', resume });
    const welcome = await new Promise<{ data: { resumed: boolean } }>((resolve) => void again.once('event', resolve));
    expect(welcome.data.resumed).toBe(false);
    again.disconnect();
    await second.close();
  });

  test('a port that is taken is said in a sentence, and leaves nothing running', async () => {
    const first = await start();
    const port = Number(new URL(first.url).port);
    const mediaPort = randomInt(20_000, 30_000);
    const media = { port: mediaPort };
    await expect(start({ port, media })).rejects.toThrow(`Port ${port} is in use: stop what uses it`);
    await first.close();
    // Both its ports can be had now.
    const second = await start({ port, media });
    await second.close();
  });

  test('a media port that is taken is said in a sentence', async () => {
    const media = { port: randomInt(20_000, 30_000) };
    const first = await start({ media });
    await expect(start({ media })).rejects.toMatchObject({
      name: 'FatalError',
      message: expect.stringContaining(String(media.port)),
    });
    await first.close();
  });

  test('for other machines it speaks TLS', async () => {
    const server = await start({ host: '0.0.0.0' });
    expect(server.url).toMatch(/^https:\/\/localhost:/);
    expect(server.selfSigned).toBe(true);
    const status = await new Promise((resolve, reject) => {
      request(`${server.url}/healthz`, { rejectUnauthorized: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
    await server.close();
  });
});
