import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from './support/server.ts';

const ALWAYS = {
  'content-security-policy': /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/,
  'permissions-policy': /camera=\(self\), microphone=\(self\), .*geolocation=\(\)/,
  'x-content-type-options': /^nosniff$/,
  'referrer-policy': /^no-referrer$/,
  'cross-origin-opener-policy': /^same-origin$/,
  'cross-origin-resource-policy': /^same-origin$/,
  'x-frame-options': /^DENY$/,
};

function expectSecure(headers: Headers): void {
  for (const [name, value] of Object.entries(ALWAYS)) expect(headers.get(name), name).toMatch(value);
  expect(headers.get('x-powered-by')).toBeNull();
  expect(headers.get('server')).toBeNull();
}

describe('security headers', () => {
  const webRoot = mkdtempSync(join(tmpdir(), 'amphi-web-'));
  let server: TestServer;

  beforeAll(async () => {
    mkdirSync(join(webRoot, 'assets'));
    writeFileSync(join(webRoot, 'index.html'), '<!doctype html><title>Amphi</title>');
    writeFileSync(join(webRoot, 'assets', 'main-abc123.js'), 'export {};');
    server = await startTestServer({ limits: { requestsPerMinute: 20 } }, { webRoot });
  });
  afterAll(async () => {
    await server.close();
    rmSync(webRoot, { recursive: true });
  });

  const polling = '/socket.io/?EIO=4&transport=polling';
  test.each<[string, RequestInit, number]>([
    ['/', {}, 200],
    ['/r/some-room', {}, 200],
    ['/nowhere', {}, 404],
    ['/assets/main-abc123.js', {}, 200],
    ['/assets/none.js', {}, 404],
    ['/healthz', {}, 200],
    ['/metrics', {}, 200],
    ['/api/rooms/none-such', {}, 404],
    ['/api/rooms', { method: 'POST', body: '{' }, 400],
    ['/api/rooms', { method: 'POST', body: '{}', headers: { origin: 'https://evil.example' } }, 403],
    ['/api/nothing', { method: 'DELETE' }, 404],
    ['/', { method: 'POST' }, 404],
    [polling, {}, 200],
    ['/socket.io/?EIO=4&transport=nonsense', {}, 400],
    [`${polling}&sid=none`, {}, 400],
    ['/socket.io/?EIO=4&transport=polling', { method: 'PUT' }, 400],
  ])('are on %s %o', async (path, init, status) => {
    const answer = await fetch(server.url + path, init);
    expect(answer.status).toBe(status);
    expectSecure(answer.headers);
    expect(answer.headers.get('strict-transport-security'), 'without TLS nothing is promised').toBeNull();
  });

  test('are on an answer that says that nothing changed', async () => {
    const path = `${server.url}/assets/main-abc123.js`;
    const etag = (await fetch(path)).headers.get('etag') ?? '';
    const answer = await fetch(path, { headers: { 'if-none-match': etag } });
    expect(answer.status).toBe(304);
    expectSecure(answer.headers);
  });

  test('are on the refusal of who asks too often', async () => {
    let answer = await fetch(`${server.url}/api/rooms/none-such`);
    for (let n = 0; n < 25 && answer.status !== 429; n++) answer = await fetch(`${server.url}/api/rooms/none-such`);
    expect(answer.status).toBe(429);
    expectSecure(answer.headers);
  });

  test('are on the answer that opens a WebSocket', async () => {
    const headers = await upgrade(server);
    expect(headers.get('upgrade')).toBe('websocket');
    expectSecure(headers);
  });
});

describe('behind a proxy', () => {
  async function ask(server: TestServer, forwardedFor: string): Promise<number> {
    const headers = { 'x-forwarded-for': forwardedFor, 'x-forwarded-proto': 'https' };
    return (await fetch(`${server.url}/api/rooms/none-such`, { headers })).status;
  }

  test('X-Forwarded-For that nobody trusts changes nothing', async ({ onTestFinished }) => {
    const server = await startTestServer({ limits: { requestsPerMinute: 3 } });
    onTestFinished(() => server.close());
    const answers: number[] = [];
    for (let n = 1; n <= 5; n++) answers.push(await ask(server, `198.51.100.${n}`));
    expect(answers).toEqual([404, 404, 404, 429, 429]);
  });

  test('with trustProxy the hop that our proxy saw is the one that counts', async ({ onTestFinished }) => {
    const server = await startTestServer({ trustProxy: 1, limits: { requestsPerMinute: 3 } });
    onTestFinished(() => server.close());
    const answers: number[] = [];
    // Whatever the client writes before it, it stays the same client.
    for (let n = 1; n <= 5; n++) answers.push(await ask(server, `203.0.113.${n}, 198.51.100.1`));
    expect(answers).toEqual([404, 404, 404, 429, 429]);
    expect(await ask(server, '198.51.100.2')).toBe(404);
    expect(await ask(server, '203.0.113.1, 198.51.100.2')).toBe(404);
  });

  test('what a proxy says of TLS counts only where it is trusted', async ({ onTestFinished }) => {
    for (const trustProxy of [0, 1]) {
      const server = await startTestServer({ trustProxy });
      onTestFinished(() => server.close());
      const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '198.51.100.1' };
      const answer = await fetch(`${server.url}/healthz`, { headers });
      const expected = trustProxy === 0 ? null : 'max-age=31536000';
      expect(answer.headers.get('strict-transport-security')).toBe(expected);
      // Figures are for this machine, and a proxy on it is not somebody on it.
      expect((await fetch(`${server.url}/metrics`, { headers })).status).toBe(404);
    }
  });
});

test('the web sites that are named may show the pages in a frame', async ({ onTestFinished }) => {
  const server = await startTestServer({ embedOrigins: ['https://intranet.example'] });
  onTestFinished(() => server.close());
  const { headers } = await fetch(`${server.url}/healthz`);
  expect(headers.get('content-security-policy')).toMatch(/frame-ancestors 'self' https:\/\/intranet\.example$/);
  expect(headers.get('x-frame-options')).toBeNull();
});

/** The origin is checked in `handshake.int.test.ts`; here, that browsers are told to keep the answer from other sites. */
test('another site is not let in to what polling answers', async ({ onTestFinished }) => {
  const server = await startTestServer({ allowedOrigins: ['https://partner.example'] });
  onTestFinished(() => server.close());
  const poll = async (origin: string) =>
    (await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`, { headers: { origin } })).headers;
  expect((await poll('https://partner.example')).get('access-control-allow-origin')).toBe('https://partner.example');
  expect((await poll('https://evil.example')).get('access-control-allow-origin')).toBeNull();
});

/** The headers of the answer to a WebSocket handshake, which `fetch` does not show. */
async function upgrade(server: TestServer): Promise<Headers> {
  const socket = connect(server.port, '127.0.0.1');
  socket.write(
    [
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
      `Host: 127.0.0.1:${server.port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '\r\n',
    ].join('\r\n'),
  );
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.includes('\r\n\r\n')) break;
  }
  socket.destroy();
  const [status = '', ...lines] = (text.split('\r\n\r\n')[0] ?? '').split('\r\n');
  expect(status).toContain('101');
  return new Headers(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}
