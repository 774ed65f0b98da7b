import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type DataOf, PROTOCOL_VERSION } from '@amphi/protocol';
import type { Events } from '@amphi/features/protocols.ts';
import { type Endpoint, endpoints, type Scope, SCOPES } from '@amphi/protocol/api';
import { io } from 'socket.io-client';
import { describe, expect } from 'vitest';
import { Api } from './support/api.ts';
import type { Cast } from './support/cast.ts';
import { keepRecording } from './support/kept-recording.ts';
import { testWithServer, testWithServerEach } from './support/fixtures.ts';
import type { TestServer } from './support/server.ts';

const test = testWithServer({
  api: { tokenMinutes: 60, wrongKeysPerMinute: 100_000 },
  webhooks: { allowed: ['127.0.0.1'], endpoints: [] },
  createRooms: 'everybody',
});

type Names = keyof typeof endpoints;
type Facts = Record<'room' | 'member' | 'ban' | 'key' | 'webhook' | 'recording' | 'share', string>;
type Try = {
  body?: unknown;
  query?: string;
  /** What is wrong with the input, and where that is said to be. */
  bad: [input: { body?: unknown; query?: string; params?: Partial<Facts> }, status: number, path?: string][];
};

const NO_ROOM: Try['bad'] = [
  [{ params: { room: 'nowhere' } }, 404],
  [{ params: { room: '--' } }, 404],
];
const NO_RECORDING: Try['bad'] = [
  ...NO_ROOM,
  [{ params: { recording: crypto.randomUUID() } }, 404],
  [{ params: { recording: '..' } }, 404],
];
const strange = { body: { surprise: true } };

/** What every endpoint is tried with: what has to work, and what has to be refused. */
const tries: Record<Names, Try> = {
  'rooms.create': {
    body: { policy: { capacity: 3, password: 'open sesame' } },
    bad: [
      [{ body: { id: 'a--b' } }, 400, 'id'],
      [{ body: { policy: { capacity: 0 } } }, 400, 'policy.capacity'],
      [{ body: { policy: { surprise: 1 } } }, 400, 'policy'],
      [{ body: '{' }, 400],
      [{ body: { id: 'x'.repeat(20_000) } }, 413],
    ],
  },
  'rooms.list': {
    query: '?limit=2',
    bad: [
      [{ query: '?limit=0' }, 400, 'limit'],
      [{ query: '?surprise=1' }, 400],
    ],
  },
  'rooms.get': { bad: NO_ROOM },
  'rooms.update': {
    body: { policy: { locked: false } },
    bad: [...NO_ROOM, [{ body: {} }, 400, 'policy'], [strange, 400]],
  },
  'rooms.end': { bad: NO_ROOM },
  'rooms.delete': { bad: NO_ROOM },
  'members.list': { bad: NO_ROOM },
  'members.update': {
    body: { role: 'attendee', exceptions: { grant: ['record'] } },
    bad: [
      ...NO_ROOM,
      [{ params: { member: 'nobody' } }, 404],
      [{ body: { role: 'recorder' } }, 400, 'role'],
      [{ body: { exceptions: { grant: ['everything'] } } }, 400, 'exceptions.grant.0'],
    ],
  },
  'members.mute': {
    body: {},
    bad: [...NO_ROOM, [{ params: { member: 'nobody' } }, 404], [{ body: { sources: [] } }, 400, 'sources']],
  },
  'members.remove': {
    query: '?ban=false',
    bad: [...NO_ROOM, [{ params: { member: 'nobody' } }, 404], [{ query: '?ban=perhaps' }, 400, 'ban']],
  },
  'bans.list': { bad: NO_ROOM },
  'bans.create': {
    body: { identity: 'user:mallory' },
    bad: [...NO_ROOM, [{ body: { identity: 'mallory' } }, 400, 'identity'], [{ body: {} }, 400, 'identity']],
  },
  'bans.delete': { bad: [...NO_ROOM, [{ params: { ban: 'none' } }, 404]] },
  'tokens.create': {
    body: { user: '42', name: 'Ada', role: 'host', seconds: 60 },
    bad: [
      ...NO_ROOM,
      [{ body: { role: 'recorder' } }, 400, 'role'],
      [{ body: { user: 'with space' } }, 400, 'user'],
      [{ body: { name: '\u202Eada' } }, 400, 'name'],
      [{ body: { seconds: 3601 } }, 400, 'seconds'],
      [{ body: { seconds: 1 } }, 400, 'seconds'],
      [strange, 400],
    ],
  },
  'audit.list': {
    query: '?limit=5',
    bad: [
      [{ query: '?since=monday' }, 400, 'since'],
      [{ query: '?room=--' }, 400, 'room'],
    ],
  },
  'audit.export': { query: '?format=csv', bad: [[{ query: '?format=xml' }, 400, 'format']] },
  'keys.create': {
    body: { name: 'shop', scopes: ['tokens'], days: 3 },
    bad: [
      [{ body: { scopes: ['tokens'] } }, 400, 'name'],
      [{ body: { name: 'x', scopes: ['everything'] } }, 400, 'scopes.0'],
      [{ body: { name: 'x', scopes: [] } }, 400, 'scopes'],
      [{ body: { name: 'x', days: 0 } }, 400, 'days'],
    ],
  },
  'keys.list': { bad: [] },
  'keys.revoke': { bad: [[{ params: { key: 'none' } }, 404]] },
  'webhooks.create': {
    body: { url: 'http://127.0.0.1:9/hook', description: 'nobody there' },
    bad: [
      [{ body: { url: 'http://169.254.169.254/latest' } }, 400, 'url'],
      [{ body: { url: 'ftp://127.0.0.1/' } }, 400, 'url'],
      [{ body: { url: 'https://127.0.0.1/', events: ['room.exploded'] } }, 400, 'events.0'],
      [{ body: {} }, 400, 'url'],
    ],
  },
  'webhooks.list': { bad: [] },
  'webhooks.update': {
    body: { events: ['room.opened'], enabled: true },
    bad: [
      [{ params: { webhook: 'none' } }, 404],
      [{ body: { url: 'http://10.0.0.1/' } }, 400, 'url'],
      [{ body: { enabled: 'yes' } }, 400, 'enabled'],
    ],
  },
  'webhooks.delete': { bad: [[{ params: { webhook: 'none' } }, 404]] },
  'webhooks.test': { bad: [[{ params: { webhook: 'none' } }, 404]] },
  'webhooks.deliveries': { bad: [[{ params: { webhook: 'none' } }, 404]] },
  'recordings.list': { query: '?limit=1', bad: [...NO_ROOM, [{ query: '?after=none' }, 400, 'after']] },
  'recordings.get': { bad: NO_RECORDING },
  'recordings.delete': { bad: NO_RECORDING },
  'recordings.film': {
    body: { layout: 'audio' },
    bad: [
      ...NO_RECORDING,
      [{ body: {} }, 400, 'layout'],
      [{ body: { layout: 'mosaic' } }, 400, 'layout'],
      [{ body: { layout: 'grid', height: 480 } }, 400, 'height'],
    ],
  },
  'recordings.link': {
    body: { file: '1-microphone-1.webm' },
    bad: [
      ...NO_RECORDING,
      [{ body: {} }, 400, 'file'],
      [{ body: { file: 'manifest.json' } }, 404],
      [{ body: { file: '../secrets.json' } }, 404],
    ],
  },
  'shares.create': {
    body: { days: 2, password: 'open sesame', tracks: true },
    bad: [
      ...NO_RECORDING,
      [{ body: { days: 0 } }, 400, 'days'],
      [{ body: { days: 366 } }, 400, 'days'],
      [{ body: { password: 'short' } }, 400, 'password'],
      [strange, 400],
    ],
  },
  'shares.list': { bad: NO_RECORDING },
  'shares.revoke': { bad: [...NO_RECORDING, [{ params: { share: 'none' } }, 404]] },
};

/** What the endpoint's path is to lead to. */
async function furnish(server: TestServer, cast: Cast, { path }: Endpoint): Promise<Facts> {
  const api = new Api(server);
  const made = async (name: string, make: () => Promise<{ id: string }>) =>
    path.includes(`{${name}}`) ? (await make()).id : '';
  const room = await made('room', async () => ({ id: await server.createRoom() }));
  const eve = { identity: 'user:eve', name: 'Eve' };
  const recording = await made('recording', () => keepRecording(server, room));
  const share = await made('share', () => api.do('post', `/rooms/${room}/recordings/${recording}/shares`));
  const hook = { url: 'http://127.0.0.1:9/', events: ['webhook.test'] };
  return {
    ...{ room, recording, share },
    member: await made('member', () => cast.join(room)),
    ban: await made('ban', () => api.do('post', `/rooms/${room}/bans`, eve)),
    key: await made('key', () => api.key(['rooms.read'])),
    webhook: await made('webhook', () => api.do('post', '/webhooks', hook)),
  };
}

function pathOf({ path }: Endpoint, facts: Facts, query = ''): string {
  return path.replace(/\{(\w+)\}/g, (_, name: keyof Facts) => facts[name]) + query;
}

describe.for(Object.entries(endpoints) as [Names, Endpoint][])('%s', ([name, endpoint]) => {
  const { body, query, bad } = tries[name];

  test('does it for a key of its scope, and answers as declared', async ({ server, cast }) => {
    const facts = await furnish(server, cast, endpoint);
    const { key } = await new Api(server).key([...new Set([endpoint.scope, 'tokens' as const])]);
    const reply = await new Api(server, key).ask(endpoint.verb, pathOf(endpoint, facts, query), body);
    const status = endpoint.output || endpoint.file ? (endpoint.status ?? 200) : 204;
    expect(reply, JSON.stringify(reply.body)).toMatchObject({ status });
    if (endpoint.output) expect(endpoint.output.strict().parse(reply.body)).toEqual(reply.body);
    expect(reply.headers.get('cache-control')).toBe('no-store');
  });

  test('refuses who has no key, a wrong one, or one of all other scopes', async ({ server }) => {
    const recording = crypto.randomUUID();
    const nowhere = { room: 'nowhere', member: 'x', ban: 'x', key: 'x', webhook: 'x', recording, share: 'x' };
    const { key } = await new Api(server).key(SCOPES.filter((scope) => scope !== endpoint.scope));
    const path = pathOf(endpoint, nowhere, query);
    const other = await new Api(server, key).ask(endpoint.verb, path, body);
    expect([other.status, other.body]).toMatchObject([403, { error: { code: 'forbidden' } }]);
    const none = await fetch(`${server.url}/api/v1${path}`, { method: endpoint.verb.toUpperCase() });
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="amphi"']);
  });

  test.for(bad)('refuses %j', async ([input, status, path], { server, cast }) => {
    const facts = { ...(await furnish(server, cast, endpoint)), ...input.params };
    const reply = await new Api(server).ask(
      ...[endpoint.verb, pathOf(endpoint, facts, input.query ?? query)],
      endpoint.body ? (input.body ?? body) : undefined,
    );
    expect([reply.status, reply.body]).toMatchObject([status, { error: { message: expect.any(String) } }]);
    if (path !== undefined) expect(reply.body).toMatchObject({ error: { code: 'bad-request', path } });
  });
});

describe('keys', () => {
  test('a key is told once, kept hashed in a file for this user only, and opens nothing once revoked', async ({
    server,
  }) => {
    const api = new Api(server);
    const { id, key } = await api.key(['rooms.read']);
    expect(key).toMatch(/^amphi_[\w-]{43}$/);
    const holder = new Api(server, key);
    expect((await holder.ask('get', '/rooms')).status).toBe(200);
    const { keys } = await api.do<{ keys: Record<string, unknown>[] }>('get', '/keys');
    expect(keys.find((entry) => entry.id === id)).toMatchObject({ usedAt: expect.any(Number), createdBy: 'key:admin' });
    expect(JSON.stringify(keys)).not.toContain(key);
    for (const file of ['server.db', 'server.db-wal', 'admin.json']) {
      const path = join(server.dataDir, file);
      expect(readFileSync(path, 'latin1')).not.toContain(key);
      if (file !== 'server.db-wal') expect(statSync(path).mode & 0o777).toBe(0o600);
    }
    await api.do('delete', `/keys/${id}`);
    expect((await holder.ask('get', '/rooms')).status).toBe(401);
    expect((await api.ask('delete', `/keys/${id}`)).status).toBe(404);
  });

  test('a key makes none that is good for more', async ({ server }) => {
    const { key } = await new Api(server).key(['keys', 'tokens']);
    const holder = new Api(server, key);
    const more = await holder.ask('post', '/keys', { name: 'more', scopes: ['tokens', 'audit'] });
    expect([more.status, more.body]).toMatchObject([403, { error: { code: 'forbidden', path: 'scopes' } }]);
    expect((await holder.ask('post', '/keys', { name: 'same', scopes: ['tokens'] })).status).toBe(201);
  });

  test('a key in the query is none', async ({ server }) => {
    const { key } = await new Api(server).key(['rooms.read']);
    const answer = await fetch(`${server.url}/api/v1/rooms?access_token=${key}&key=${key}`);
    expect(answer.status).toBe(401);
  });
});

describe('tokens', () => {
  type Welcome = DataOf<Events, 'session.welcome'>;

  function connect(server: TestServer, room: string, token: string): Promise<Welcome> {
    const auth = { protocol: PROTOCOL_VERSION, room, token };
    const socket = io(server.url, { transports: ['websocket'], forceNew: true, reconnection: false, auth });
    const welcome = new Promise<Welcome>((resolve, reject) => {
      socket.once('event', ({ data }: { data: Welcome }) => resolve(data));
      socket.once('connect_error', (error: Error & { data?: unknown }) => reject(error.data ?? error));
    });
    return welcome.finally(() => socket.disconnect());
  }

  test('lets in with the role that it says, past the lobby, and into no other room', async ({ server }) => {
    const api = new Api(server);
    const room = await server.createRoom({ policy: { lobby: true } });
    const body = { user: '42', name: 'Ada', role: 'cohost', seconds: 60 };
    const made = await api.do<{ token: string; identity: string; url: string; expiresAt: number }>(
      ...(['post', `/rooms/${room}/tokens`, body] as const),
    );
    expect(made).toMatchObject({ identity: 'user:42', url: `${server.url}/r/${room}#token=${made.token}` });
    expect(Math.abs(made.expiresAt - Date.now() - 60_000)).toBeLessThan(30_000);
    expect(await connect(server, room, made.token)).toMatchObject({ admission: 'open', role: 'cohost' });
    const elsewhere = await server.createRoom();
    await expect(connect(server, elsewhere, made.token)).rejects.toMatchObject({ code: 'unauthorized' });
    const { entries } = await api.do<{ entries: object[] }>('get', `/audit?room=${room}&limit=1`);
    expect(entries).toMatchObject([{ action: 'token.create', target: 'user:42', actor: 'key:admin' }]);
    expect(JSON.stringify(entries)).not.toContain(made.token);
  });

  test('a banned user stays out with a token', async ({ server }) => {
    const api = new Api(server);
    const room = await server.createRoom();
    await api.do('post', `/rooms/${room}/bans`, { identity: 'user:eve' });
    const { token } = await api.do<{ token: string }>('post', `/rooms/${room}/tokens`, { user: 'eve' });
    await expect(connect(server, room, token)).rejects.toMatchObject({ code: 'room-not-found' });
  });
});

describe('rooms and people', () => {
  test('a room is listed page by page, changed, ended and deleted', async ({ server, cast }) => {
    const api = new Api(server);
    const made = await api.do<{ id: string; hostUrl: string }>('post', '/rooms', { policy: { direct: false } });
    expect(made.hostUrl).toMatch(new RegExp(`/r/${made.id}#host=[\\w-]{32}$`));
    const alice = await cast.join(made.id, { name: 'Alice' });
    const { live } = await api.do<{ live: object }>('get', `/rooms/${made.id}`);
    expect(live).toEqual({ members: 1, waiting: 0 });
    await api.do('patch', `/rooms/${made.id}`, { policy: { allowScreen: false, password: 'secret words' } });
    const changed = await alice.wire.take('room.updated');
    expect(changed).toMatchObject({ policy: { allowScreen: false, password: true, direct: false } });

    const seen: string[] = [];
    let after = '';
    do {
      const page = await api.do<{ rooms: { id: string }[]; next?: string }>('get', `/rooms?limit=3${after}`);
      seen.push(...page.rooms.map(({ id }) => id));
      after = page.next === undefined ? '' : `&after=${page.next}`;
    } while (after !== '');
    expect(seen).toContain(made.id);
    expect(new Set(seen).size).toBe(seen.length);

    await api.do('post', `/rooms/${made.id}/end`);
    expect(await alice.wire.take('session.ended')).toMatchObject({ reason: 'room-closed' });
    expect((await api.ask('get', `/rooms/${made.id}`)).status).toBe(200);
    await api.do('delete', `/rooms/${made.id}`);
    expect((await api.ask('get', `/rooms/${made.id}`)).status).toBe(404);
    const { entries } = await api.do<{ entries: { action: string }[] }>('get', `/audit?room=${made.id}`);
    expect(entries.map(({ action }) => action)).toEqual(['room.remove', 'room.end', 'room.setPolicy', 'room.create']);
    expect(JSON.stringify(entries)).not.toContain('secret words');
  });

  test('a member is muted, given another role, and put out for good', async ({ server, cast }) => {
    const api = new Api(server);
    const room = await server.createRoom();
    const bob = await cast.join(room, { name: 'Bob' });
    await bob.publishMicrophone();
    const path = `/rooms/${room}/members/${bob.id}`;
    await api.do('post', `${path}/mute`);
    expect(await bob.wire.take('self.muted')).toMatchObject({ sources: ['microphone'], by: 'admin' });
    const { members } = await api.do<{ members: object[] }>('get', `/rooms/${room}/members`);
    const producers = [{ source: 'microphone', muted: true }];
    expect(members).toMatchObject([{ id: bob.id, name: 'Bob', role: 'speaker', producers }]);
    expect(await api.do('patch', path, { role: 'viewer' })).toMatchObject({ role: 'viewer', producers: [] });
    expect(await bob.wire.take('self.changed')).toMatchObject({ self: { role: 'viewer' } });
    await api.do('delete', `${path}?ban=true`);
    expect(await bob.wire.take('session.ended')).toMatchObject({ reason: 'banned' });
    const { bans } = await api.do<{ bans: { id: string }[] }>('get', `/rooms/${room}/bans`);
    expect(bans).toMatchObject([{ name: 'Bob', by: 'admin' }]);
    await api.do('delete', `/rooms/${room}/bans/${bans[0]?.id}`);
    expect(await api.do('get', `/rooms/${room}/bans`)).toEqual({ bans: [] });
  });

  test('the log as a file holds what the log holds, and no formula', async ({ server, cast }) => {
    const api = new Api(server);
    const room = await server.createRoom();
    const eve = await cast.join(room, { name: '=HYPERLINK("x"),1' });
    await api.do('delete', `/rooms/${room}/members/${eve.id}`);
    const jsonl = await api.ask('get', `/audit/export?room=${room}`);
    expect(jsonl.headers.get('content-disposition')).toBe('attachment; filename="audit.jsonl"');
    const lines = String(jsonl.body.text)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toMatchObject([{ action: 'moderate.remove', targetName: '=HYPERLINK("x"),1' }]);
    const csv = await api.ask('get', `/audit/export?room=${room}&format=csv`);
    const [head, line] = String(csv.body.text).split('\r\n');
    expect(head).toBe('id,roomId,at,actor,actorName,actorRole,action,target,targetName,details');
    expect(line).toContain(`,"'=HYPERLINK(""x""),1",`);
  });
});

describe('requests', () => {
  test('a repeat with the same Idempotency-Key makes nothing twice', async ({ server }) => {
    const api = new Api(server);
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const body = { policy: { capacity: 7 } };
    const [first, second] = await Promise.all([1, 2].map(() => api.ask('post', '/rooms', body, headers)));
    const third = await api.ask('post', '/rooms', body, headers);
    expect(second?.body).toEqual(first?.body);
    expect(third.body).toEqual(first?.body);
    const other = await api.ask('post', '/rooms', { policy: { capacity: 8 } }, headers);
    expect([other.status, other.body]).toMatchObject([409, { error: { code: 'wrong-state' } }]);
    expect((await api.ask('post', '/rooms', body, { 'idempotency-key': 'ä' })).status).toBe(400);
  });

  test.for(['/nothing', '/rooms/a/b/c', ''])('%j is not found', async (path, { server }) => {
    const reply = await new Api(server).ask('get', path);
    expect([reply.status, reply.body]).toMatchObject([404, { error: { code: 'not-found' } }]);
  });

  test('the document is served to everybody and names where it is', async ({ server }) => {
    const document = (await (await fetch(`${server.url}/api/v1/openapi.json`)).json()) as Record<string, unknown>;
    expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: `${server.url}/api/v1` }] });
  });
});

describe('limits', () => {
  const limited = testWithServerEach({ api: { requestsPerMinute: 5 } });

  limited('a key that asks too often is refused for a while, and wrong keys are slowed', async ({ server }) => {
    const admin = new Api(server);
    const { key } = await admin.key(['rooms.read'] satisfies Scope[]);
    const holder = new Api(server, key);
    for (let n = 0; n < 5; n++) expect((await holder.ask('get', '/rooms')).status).toBe(200);
    const refused = await holder.ask('get', '/rooms');
    expect([refused.status, refused.body]).toMatchObject([429, { error: { code: 'rate-limited' } }]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await admin.ask('get', '/rooms')).status).toBe(200);
    const guess = new Api(server, 'amphi_guess');
    const statuses: number[] = [];
    for (let n = 0; n < 22; n++) statuses.push((await guess.ask('get', '/rooms')).status);
    expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
  });
});
