import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { adminStatus } from '@amphi/protocol';
import { describe, expect } from 'vitest';
import { testWithServer } from './support/fixtures.ts';
import { startTestServer, type TestServer } from './support/server.ts';

// Each test comes from an address of its own, so that the guesses of one do not slow the others down.
const test = testWithServer({ trustProxy: 1, allowedOrigins: ['https://partner.example'] });

let visitors = 0;

/** Somebody with a browser: keeps the cookie. */
class Visitor {
  readonly #server: TestServer;
  readonly #address = `198.51.100.${++visitors}`;
  cookie = '';
  setCookie = '';

  constructor(server: TestServer) {
    this.#server = server;
  }

  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const answer = await fetch(`${this.#server.url}/api/admin/${path}`, {
      method,
      headers: { 'x-forwarded-for': this.#address, cookie: this.cookie, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const set = answer.headers.get('set-cookie');
    if (set !== null) {
      this.setCookie = set;
      this.cookie = set.split(';')[0] ?? '';
    }
    return answer;
  }

  signIn(secret = secretOf(this.#server), headers: Record<string, string> = {}): Promise<Response> {
    return this.ask('POST', 'session', { secret }, headers);
  }
}

function secretOf(server: TestServer): string {
  return (JSON.parse(readFileSync(join(server.dataDir, 'secrets.json'), 'utf8')) as { adminSecret: string })
    .adminSecret;
}

describe('the admin page', () => {
  test('is let in by the secret of this installation, by a cookie that scripts and other sites cannot have', async ({
    server,
  }) => {
    const admin = new Visitor(server);
    expect(secretOf(server)).toMatch(/^[0-9a-f]{64}$/);
    expect((await admin.signIn()).status).toBe(204);
    expect(admin.setCookie).toMatch(/; Path=\/api\/admin/);
    expect(admin.setCookie).toMatch(/; HttpOnly/);
    expect(admin.setCookie).toMatch(/; SameSite=Strict/);
    expect(admin.setCookie).not.toContain(secretOf(server));
    expect(admin.setCookie).not.toMatch(/; Secure/);
    expect((await admin.ask('GET', 'status')).status).toBe(200);

    const overTls = new Visitor(server);
    await overTls.signIn(undefined, { 'x-forwarded-proto': 'https' });
    expect(overTls.setCookie).toMatch(/; Secure/);
  });

  test('shows nobody else anything', async ({ server, cast }) => {
    const [alice] = await cast.gather(['Alice']);
    for (const cookie of ['', 'amphi-admin=', 'amphi-admin=guess', `amphi-admin=${secretOf(server)}`]) {
      const stranger = new Visitor(server);
      stranger.cookie = cookie;
      for (const [method, path] of [
        ['GET', 'status'],
        ['POST', `rooms/${alice?.snapshot.room.id}/end`],
      ] as const) {
        const answer = await stranger.ask(method, path);
        expect(answer.status).toBe(401);
        expect(await answer.json()).toMatchObject({ error: { code: 'unauthorized' } });
        expect(answer.headers.get('cache-control')).toBe('no-store');
      }
    }
    expect((await alice?.sync())?.members).toHaveLength(1);
  });

  test.for<[string, unknown]>([
    ['another secret', { secret: '0'.repeat(64) }],
    ['no secret', {}],
    ['an empty one', { secret: '' }],
    ['a list', { secret: [] }],
    ['what is no JSON', 'secret'],
    ['more than is asked', { secret: 'x', admin: true }],
    ['too much', { secret: 'x'.repeat(5000) }],
  ])('does not take %s', async ([, body], { server }) => {
    const stranger = new Visitor(server);
    const answer = await stranger.ask('POST', 'session', body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(stranger.setCookie).toBe('');
  });

  test('makes guessing slow: each waits, and the sixth within a minute is not even looked at', async ({ server }) => {
    const guesser = new Visitor(server);
    const startedAt = performance.now();
    const codes: number[] = [];
    for (let n = 0; n < 5; n++) codes.push((await guesser.signIn(`guess-${n}`)).status);
    expect(codes).toEqual([401, 401, 401, 401, 401]);
    expect(performance.now() - startedAt).toBeGreaterThan(5 * 450);
    const right = await guesser.signIn();
    expect(right.status).toBe(429);
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(guesser.setCookie).toBe('');
    // Not at the cost of others.
    expect((await new Visitor(server).signIn()).status).toBe(204);
  });

  test('is for our own pages: other web sites are refused, allowed for calls or not', async ({ server }) => {
    for (const origin of ['https://evil.example', 'https://partner.example', 'null']) {
      const answer = await new Visitor(server).signIn(undefined, { origin });
      expect(answer.status).toBe(403);
    }
    expect((await new Visitor(server).signIn(undefined, { origin: server.url })).status).toBe(204);
  });

  test('shows live figures', async ({ server, cast }) => {
    const admin = new Visitor(server);
    await admin.signIn();
    const room = await server.createRoom();
    const [alice] = await cast.gather(['Alice', 'Bob'], { room });
    await alice?.publishCamera();
    const itsRoom = async () => (await status(admin)).rooms.find(({ id }) => id === room);
    await expect
      .poll(itsRoom, { timeout: 5000 })
      .toMatchObject({ members: 2, producers: 1, consumers: 1, roles: expect.objectContaining({}) });
    const shown = await status(admin);
    expect(shown.workers).toEqual([expect.objectContaining({ index: 0, port: server.mediaPort })]);
    expect(shown.workers[0]?.rssBytes).toBeGreaterThan(1_000_000);
    expect(shown.versions).toMatchObject({ node: process.versions.node, mediasoup: expect.stringMatching(/^3\./) });
    expect(shown.uptimeSeconds).toBeGreaterThan(0);
    expect(shown.totals).toMatchObject({ transports: { none: expect.any(Number) } });
    // Who is in a room is not the admin's to know by this page.
    expect(JSON.stringify(shown)).not.toMatch(/Alice|Bob/);
  });

  test('ends a room for everybody in it, and writes it down', async ({ server, cast }) => {
    const admin = new Visitor(server);
    await admin.signIn();
    const room = await server.createRoom();
    const people = await cast.gather(['Alice', 'Bob'], { room });
    expect((await admin.ask('POST', `rooms/${room}/end`)).status).toBe(204);
    for (const person of people) {
      const ended = await person.wire.take('session.ended');
      expect(ended).toEqual({ reason: 'room-closed' });
    }
    await expect.poll(async () => (await admin.ask('POST', `rooms/${room}/end`)).status).toBe(404);
    const records = new DatabaseSync(join(server.dataDir, 'rooms.db'), { readOnly: true });
    const entry = records.prepare('SELECT actor, actor_name FROM audit WHERE room_id = ? AND action = ?');
    expect(entry.all(room, 'room.end')).toEqual([{ actor: 'server', actor_name: 'Administrator' }]);
    records.close();
    // The room is there still.
    expect((await cast.join(room)).snapshot.members).toHaveLength(1);
    for (const id of ['__proto__', 'no-such-room', '..%2f..%2fstatus', 'x'.repeat(200)]) {
      expect((await admin.ask('POST', `rooms/${id}/end`)).status).toBe(404);
    }
  });

  test('forgets who signs out', async ({ server }) => {
    const admin = new Visitor(server);
    await admin.signIn();
    const { cookie } = admin;
    expect((await admin.ask('DELETE', 'session')).status).toBe(204);
    expect(admin.setCookie).toMatch(/Max-Age=0/);
    admin.cookie = cookie;
    expect((await admin.ask('GET', 'status')).status).toBe(401);
  });
});

async function status(admin: Visitor) {
  return adminStatus.parse(await (await admin.ask('GET', 'status')).json());
}

test('a restart signs everybody out, and keeps the secret', async ({ onTestFinished }) => {
  const first = await startTestServer();
  const admin = new Visitor(first);
  await admin.signIn();
  const secret = secretOf(first);
  await first.stop();
  const second = await startTestServer({ dataDir: first.dataDir });
  onTestFinished(() => second.close());
  expect(secretOf(second)).toBe(secret);
  const again = new Visitor(second);
  again.cookie = admin.cookie;
  expect((await again.ask('GET', 'status')).status).toBe(401);
  expect((await again.signIn()).status).toBe(204);
});
