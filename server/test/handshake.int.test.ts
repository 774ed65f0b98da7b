import { AmphiError, type ErrorCode, PROTOCOL_VERSION } from '@amphi/protocol';
import { io, type ManagerOptions, type SocketOptions } from 'socket.io-client';
import { describe, expect } from 'vitest';
import { testWithServer } from './support/fixtures.ts';
import { startTestServer } from './support/server.ts';
import { WireClient } from './support/wire-client.ts';

const test = testWithServer({ limits: { sessionsPerAddress: 4 }, allowedOrigins: ['https://partner.example.org'] });

/** What a connection with this handshake comes to. */
async function attempt(
  url: string,
  auth: unknown,
  options: Partial<ManagerOptions & SocketOptions> = {},
): Promise<ErrorCode | 'welcome' | string> {
  const socket = io(url, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    auth: auth as object,
    ...options,
  });
  try {
    return await new Promise((resolve) => {
      socket.once('event', ({ name }: { name: string }) => resolve(name === 'session.welcome' ? 'welcome' : name));
      socket.once('connect_error', (error: Error & { data?: { code: string } }) =>
        resolve(error.data?.code ?? `no code: ${error.message}`),
      );
    });
  } finally {
    socket.disconnect();
  }
}

describe('a handshake', () => {
  test('that is in order is welcomed with all that a client needs', async ({ server, cast }) => {
    const room = await server.createRoom({ id: 'the-room', policy: { capacity: 7 } });
    const client = await cast.visit(room);
    expect(client.welcome).toMatchObject({
      resumed: false,
      room: { id: 'the-room', policy: { capacity: 7, direct: false } },
      media: { videoCodec: 'vp8' },
    });
    expect(client.welcome.resumeToken.length).toBeGreaterThanOrEqual(43);
    expect(client.inbox.all[0]).toMatchObject({ name: 'session.welcome', seq: 0 });
    expect(client.welcome.rtpCapabilities.codecs?.map((codec) => codec.mimeType)).toContain('video/VP8');
  });

  test('finds the room whatever the case of its name', async ({ server, cast }) => {
    await server.createRoom({ id: 'mixed-case' });
    expect((await cast.visit('Mixed-CASE')).welcome.room.id).toBe('mixed-case');
  });

  test('works over polling where there is no WebSocket', async ({ server }) => {
    const room = await server.createRoom();
    const auth = { protocol: PROTOCOL_VERSION, room };
    expect(await attempt(server.url, auth, { transports: ['polling'], upgrade: false })).toBe('welcome');
  });

  const refused: [what: string, auth: unknown, code: ErrorCode][] = [
    ['another version of the protocol', { protocol: PROTOCOL_VERSION + 1, room: 'lobby' }, 'protocol-version'],
    ['another version in another shape', { protocol: 99, place: { id: 1 } }, 'protocol-version'],
    ['a version that is no number', { protocol: '1', room: 'lobby' }, 'bad-request'],
    ['a version that is no integer', { protocol: 1.5, room: 'lobby' }, 'protocol-version'],
    ['no handshake at all', undefined, 'bad-request'],
    ['an empty one', {}, 'bad-request'],
    ['no room', { protocol: PROTOCOL_VERSION }, 'bad-request'],
    ['a room that there is not', { protocol: PROTOCOL_VERSION, room: 'no-such-room' }, 'room-not-found'],
    ['a room called __proto__', { protocol: PROTOCOL_VERSION, room: '__proto__' }, 'bad-request'],
    ['a room called constructor', { protocol: PROTOCOL_VERSION, room: 'constructor' }, 'room-not-found'],
    ['a room name with a path', { protocol: PROTOCOL_VERSION, room: '../lobby' }, 'bad-request'],
    ['a room name of 65 characters', { protocol: PROTOCOL_VERSION, room: 'a'.repeat(65) }, 'bad-request'],
    ['a room name of 2 characters', { protocol: PROTOCOL_VERSION, room: 'ab' }, 'bad-request'],
    ['a room that is no text', { protocol: PROTOCOL_VERSION, room: { toString: 'lobby' } }, 'bad-request'],
    [
      'a token that is no text',
      { protocol: PROTOCOL_VERSION, room: 'lobby', resume: { token: 1, seq: 0 } },
      'bad-request',
    ],
    [
      'a huge token',
      { protocol: PROTOCOL_VERSION, room: 'lobby', resume: { token: 'x'.repeat(129), seq: 0 } },
      'bad-request',
    ],
    ['a negative seq', { protocol: PROTOCOL_VERSION, room: 'lobby', resume: { token: 'x', seq: -1 } }, 'bad-request'],
    ['a resume that is a list', { protocol: PROTOCOL_VERSION, room: 'lobby', resume: [] }, 'bad-request'],
  ];
  test.for(refused)('with %s is refused', async ([, auth, code], { server }) => {
    expect(await attempt(server.url, auth)).toBe(code);
  });

  test('is judged by its origin', async ({ server }) => {
    const auth = { protocol: PROTOCOL_VERSION, room: await server.createRoom() };
    const from = (Origin: string, transports = ['websocket']) =>
      attempt(server.url, auth, { transports, extraHeaders: { Origin } });
    const own = new URL(server.url).host;
    expect(await from(`http://${own}`)).toBe('welcome');
    expect(await from('https://partner.example.org')).toBe('welcome');
    expect(await from('https://evil.example.com')).toBe('forbidden');
    expect(await from('https://evil.example.com', ['polling'])).toBe('forbidden');
    expect(await from(`http://${own}.evil.example.com`)).toBe('forbidden');
    expect(await from('null')).toBe('forbidden');
  });

  test('is refused while there are too many sessions from the address', async ({ server, cast }) => {
    const room = await server.createRoom();
    const visitors = await Promise.all([1, 2, 3, 4].map(() => cast.visit(room)));
    await expect(cast.visit(room)).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 10_000 });
    // Not for those who are there already: a dropped session takes no further place.
    const [first, second] = visitors;
    await first?.drop();
    expect((await first?.resume())?.resumed).toBe(true);
    await second?.call('leave', {});
    await second?.closed();
    expect((await cast.visit(room)).welcome.resumed).toBe(false);
  });

  test('is refused when the address makes too many', async ({ onTestFinished }) => {
    const strict = await startTestServer({ limits: { connectionsPerMinute: 3 } });
    onTestFinished(() => strict.close());
    const auth = { protocol: PROTOCOL_VERSION, room: await strict.createRoom() };
    // Guesses count as well.
    expect(await attempt(strict.url, { ...auth, room: 'a-guess' })).toBe('room-not-found');
    expect(await attempt(strict.url, { protocol: 0 })).toBe('protocol-version');
    const client = await WireClient.connect(strict.url, auth.room);
    expect(await attempt(strict.url, auth)).toBe('rate-limited');
    const refusal = await WireClient.connect(strict.url, auth.room).catch((error: AmphiError) => error);
    expect(refusal).toBeInstanceOf(AmphiError);
    if (refusal instanceof AmphiError) expect(refusal.retryAfterMs).toBeLessThanOrEqual(60_000);
    // Who is there already goes on.
    expect(await client.send('session.ping', {})).toMatchObject({ ok: true });
    client.close();
  });

  test('leaves nothing behind when it was refused', async ({ server }) => {
    await expect.poll(() => server.metric('amphi_sessions')).toBe(0);
    await Promise.all(
      Array.from({ length: 20 }, () => attempt(server.url, { protocol: PROTOCOL_VERSION, room: 'nowhere' })),
    );
    expect(await server.metric('amphi_sessions')).toBe(0);
    expect(await server.metric('amphi_rooms')).toBe(0);
  });
});

describe('a full room', () => {
  test('refuses whoever comes, at the door and at the join', async ({ server, cast }) => {
    const room = await server.createRoom({ policy: { capacity: 2 } });
    const [early, ...others] = await Promise.all([1, 2, 3].map(() => cast.visit(room)));
    const input = (client: typeof early) => ({ name: 'A', rtpCapabilities: client?.welcome.rtpCapabilities ?? {} });
    const joins = await Promise.allSettled([early, ...others].map((client) => client?.call('join', input(client))));
    const refusals = joins.filter((join) => join.status === 'rejected');
    expect(refusals).toHaveLength(1);
    expect(refusals[0]?.reason).toBeInstanceOf(AmphiError);
    expect(refusals[0]?.reason).toMatchObject({ code: 'room-full' });
    await expect(cast.visit(room)).rejects.toMatchObject({ code: 'room-full' });
    expect(await server.metric('amphi_members')).toBe(2);
  });

  test('has a place again when somebody left', async ({ server, cast }) => {
    const room = await server.createRoom({ policy: { capacity: 1 } });
    const only = await cast.join(room);
    await expect(cast.join(room)).rejects.toMatchObject({ code: 'room-full' });
    await only.wire.call('leave', {});
    expect((await cast.join(room)).snapshot.members).toHaveLength(1);
  });
});
