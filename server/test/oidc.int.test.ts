import { type DataOf, PROTOCOL_VERSION, type SessionInfo } from '@amphi/protocol';
import type { Events } from '@amphi/features/protocols.ts';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api } from './support/api.ts';
import { Browser, TestProvider } from './support/provider.ts';
import { startTestServer, type TestServer } from './support/server.ts';

type Welcome = DataOf<Events, 'session.welcome'>;

describe('signing in', () => {
  let provider: TestProvider;
  let server: TestServer;

  beforeAll(async () => {
    provider = await TestProvider.start();
    server = await startTestServer({
      createRooms: 'signed-in',
      oidc: {
        issuer: provider.issuer,
        clientId: 'amphi',
        clientSecret: 'a secret of the test',
        roleClaim: 'groups',
        hostRoles: ['hosts'],
        creatorRoles: ['staff'],
      },
    });
  });
  afterAll(async () => {
    await server.close();
    provider.close();
  });

  const session = async (browser: Browser): Promise<SessionInfo> =>
    (await (await browser.fetch(`${server.url}/api/session`)).json()) as SessionInfo;
  const createRoom = (browser: Browser) => browser.fetch(`${server.url}/api/rooms`, { method: 'POST', body: '{}' });

  function connect(room: string, headers: Record<string, string>, auth: object = {}): Promise<Welcome> {
    const socket = io(server.url, {
      ...{ transports: ['websocket'], forceNew: true, reconnection: false, extraHeaders: headers },
      auth: { protocol: PROTOCOL_VERSION, room, ...auth },
    });
    const welcome = new Promise<Welcome>((resolve, reject) => {
      socket.once('event', ({ data }: { data: Welcome }) => resolve(data));
      socket.once('connect_error', (error: Error & { data?: unknown }) => reject(error.data ?? error));
    });
    return welcome.finally(() => socket.disconnect());
  }

  test('a stranger is told where, and may not create rooms', async () => {
    const browser = new Browser();
    expect(await session(browser)).toEqual({ signIn: '/auth/login', account: null, mayCreate: false });
    const refused = await createRoom(browser);
    expect([refused.status, await refused.json()]).toMatchObject([403, { error: { code: 'forbidden' } }]);
    expect((await new Api(server).ask('post', '/rooms', {})).status).toBe(201);
  });

  test('by the provider: who it is, back to the page, and out again', async () => {
    const browser = new Browser();
    const back = await browser.signIn(`${server.url}/auth/login?to=/r/lab`, 'ada');
    expect(new URL(back.url).pathname).toBe('/r/lab');
    expect(await session(browser)).toEqual({
      signIn: '/auth/login',
      account: { name: 'ada of the test' },
      mayCreate: true,
    });
    expect((await createRoom(browser)).status).toBe(201);
    const cookie = browser.said.get('amphi-session');
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Lax/);
    expect(cookie).not.toContain('ada');
    await browser.fetch(`${server.url}/auth/logout`, { method: 'POST' });
    expect((await session(browser)).account).toBeNull();
  });

  test('who is signed in is that person in a room, which asks what it asks of guests', async () => {
    const api = new Api(server);
    const { id: room } = await api.do<{ id: string }>('post', '/rooms', { policy: { guestRole: 'attendee' } });
    const { id: closed } = await api.do<{ id: string }>('post', '/rooms', { policy: { lobby: true } });
    const browser = new Browser();
    await browser.signIn(`${server.url}/auth/login`, 'bob');
    const headers = { cookie: browser.cookies(server.url) };
    expect(await connect(room, headers)).toMatchObject({ admission: 'open', role: 'attendee' });
    expect(await connect(closed, headers)).toMatchObject({ admission: 'lobby' });
    await api.do('post', `/rooms/${room}/bans`, { identity: 'user:oidc:bob' });
    await expect(connect(room, headers)).rejects.toMatchObject({ code: 'room-not-found' });
    expect(await connect(room, {})).toMatchObject({ admission: 'open' });
  });

  test('a role of the provider makes a host', async () => {
    const { id: room } = await new Api(server).do<{ id: string }>('post', '/rooms', { policy: { lobby: true } });
    const browser = new Browser();
    await browser.signIn(`${server.url}/auth/login`, 'boss');
    const headers = { cookie: browser.cookies(server.url) };
    expect(await connect(room, headers)).toMatchObject({ admission: 'open', role: 'host' });
  });

  test('another site cannot use who is signed in', async () => {
    const { id: room } = await new Api(server).do<{ id: string }>('post', '/rooms', {});
    const browser = new Browser();
    await browser.signIn(`${server.url}/auth/login`, 'boss');
    const headers = { cookie: browser.cookies(server.url), origin: 'https://evil.example' };
    await expect(connect(room, headers)).rejects.toMatchObject({ code: 'forbidden' });
    const logout = await browser.fetch(`${server.url}/auth/logout`, { method: 'POST', headers });
    expect(logout.status).toBe(403);
  });

  test.for([
    '//evil.example',
    'https://evil.example/',
    '/\\evil.example',
    '/r/../x',
    '/auth/login',
    'javascript:alert(1)',
  ])('nobody is sent to %s', async (to) => {
    const answer = await new Browser().fetch(`${server.url}/auth/login?${new URLSearchParams({ to }).toString()}`);
    expect(answer.status).toBe(400);
  });

  test('an answer that was not asked for signs nobody in', async () => {
    const victim = new Browser();
    const stolen = await victim.fetch(`${server.url}/auth/callback?code=x&state=y`);
    expect(stolen.status).toBe(400);
    expect((await session(victim)).account).toBeNull();
    // With a login under way, but another one's state.
    await victim.fetch(`${server.url}/auth/login`);
    const other = await victim.fetch(
      `${server.url}/auth/callback?code=x&state=y&iss=${encodeURIComponent(provider.issuer)}`,
    );
    expect(other.status).toBe(400);
    expect((await session(victim)).account).toBeNull();
  });

  test('the way to the provider carries PKCE, state and nonce', async () => {
    const answer = await new Browser().fetch(`${server.url}/auth/login`);
    const url = new URL(answer.headers.get('location') ?? '');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      redirect_uri: `${server.url}/auth/callback`,
    });
  });

  test.for(['x', 'a.b.c.d.e', ''])('a cookie %j is nobody', async (value) => {
    const answer = await fetch(`${server.url}/api/session`, { headers: { cookie: `amphi-session=${value}` } });
    expect(await answer.json()).toMatchObject({ account: null });
  });
});

describe('without a provider', () => {
  test('nobody signs in, and rooms can be made by the API alone where the operator wants that', async () => {
    const server = await startTestServer({ createRooms: 'api' });
    const info = await (await fetch(`${server.url}/api/session`)).json();
    expect(info).toEqual({ signIn: null, account: null, mayCreate: false });
    expect((await fetch(`${server.url}/api/rooms`, { method: 'POST', body: '{}' })).status).toBe(403);
    expect((await new Api(server).ask('post', '/rooms', {})).status).toBe(201);
    await server.close();
  });
});
