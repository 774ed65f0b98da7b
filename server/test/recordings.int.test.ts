import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Api } from './support/api.ts';
import { testWithServer } from './support/fixtures.ts';
import { keepRecording } from './support/kept-recording.ts';
import type { TestServer } from './support/server.ts';

// The page of recordings, and that of a shared one: who gets to see them, and until when.

const test = testWithServer({ limits: { wrongGuesses: 20 } });

type Body = { error?: { code: string; message: string } } & Record<string, unknown>;
type Reply = { status: number; body: Body };

async function ask(
  server: TestServer,
  method: string,
  path: string,
  { authorization, body }: { authorization?: string; body?: unknown } = {},
): Promise<Reply> {
  const response = await fetch(server.url + path, {
    method,
    headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Body) };
}

const of = (room: string) => `/api/rooms/${room}/recordings`;
const byHost = (server: TestServer, room: string) => ({ authorization: `Host ${server.hostKeyOf(room)}` });

test('who may record in the room sees its recordings without being in the call; nobody else does', async ({
  server,
}) => {
  const [room, other] = [await server.createRoom(), await server.createRoom()];
  const { id } = await keepRecording(server, room);
  const mine = await ask(server, 'GET', of(room), byHost(server, room));
  expect(mine).toMatchObject({ status: 200, body: { recordings: [{ id, people: ['Ada'], state: 'complete' }] } });

  const token = async (role: string) => {
    const made = await new Api(server).do<{ token: string }>('post', `/rooms/${room}/tokens`, { role });
    return { authorization: `Bearer ${made.token}` };
  };
  expect((await ask(server, 'GET', of(room), await token('cohost'))).status).toBe(200);
  expect((await ask(server, 'GET', of(room), await token('speaker'))).status).toBe(403);
  expect((await ask(server, 'GET', of(room))).status).toBe(403);
  expect(await ask(server, 'GET', of(room), byHost(server, other))).toMatchObject({
    ...{ status: 404, body: { error: { code: 'room-not-found' } } },
  });
  expect((await ask(server, 'GET', of(other), await token('cohost'))).status).toBe(401);
  expect((await ask(server, 'GET', of(room), { authorization: 'Basic abc' })).status).toBe(401);
  for (const method of ['GET', 'DELETE']) {
    expect((await ask(server, method, `${of(other)}/${id}`, byHost(server, other))).status).toBe(404);
    expect((await ask(server, method, `${of(room)}/${id}`)).status).toBe(403);
  }
});

type Shared = {
  film: null;
  poster: null;
  progress: number | null;
  tracks: { path: string; file: string }[];
};

test('a share shows one recording to strangers, with its password, until it is revoked', async ({ server }) => {
  const room = await server.createRoom();
  const { id, file } = await keepRecording(server, room);
  const shares = `${of(room)}/${id}/shares`;
  const options = { password: 'open sesame', tracks: true };
  const made = await ask(server, 'POST', shares, { ...byHost(server, room), body: options });
  expect(made).toMatchObject({ status: 201, body: { password: true, tracks: true, openedAt: null } });
  const url = new URL(String(made.body.url));
  expect(url.origin + url.pathname).toBe(`${server.url}/s/${String(made.body.id)}`);
  const secret = url.hash.slice(1);

  const open = (password?: string, given = secret) =>
    ask(server, 'POST', `/api/shares/${String(made.body.id)}`, { body: { secret: given, password } });
  expect(await open()).toMatchObject({ status: 401, body: { error: { code: 'password' } } });
  expect(await open('open barley')).toMatchObject({ status: 401, body: { error: { code: 'password' } } });
  expect((await open('open sesame', 'x')).status).toBe(404);
  const opened = await open('open sesame');
  expect(opened.status).toBe(200);
  const shown = opened.body as unknown as Shared;
  expect(shown.tracks.map((track) => track.file)).toEqual([file]);
  // Whoever has a share is no guest of the room.
  expect(JSON.stringify(opened.body)).not.toContain(room);
  const path = shown.tracks[0]?.path ?? '';
  const part = await fetch(server.url + path, { headers: { range: 'bytes=0-3' } });
  // WebM begins with the EBML header's id.
  expect([part.status, Buffer.from(await part.arrayBuffer()).toString('hex')]).toEqual([206, '1a45dfa3']);

  const { body } = await ask(server, 'GET', shares, byHost(server, room));
  expect(body).toMatchObject({ shares: [{ openedAt: expect.any(Number) }] });
  expect(JSON.stringify(body)).not.toContain(secret);
  expect((await ask(server, 'DELETE', `${shares}/${String(made.body.id)}`, byHost(server, room))).status).toBe(204);
  expect(await open('open sesame')).toMatchObject({ status: 404, body: { error: { code: 'not-found' } } });
  expect((await fetch(server.url + path)).status).toBe(404);
  const { entries } = await new Api(server).do<{ entries: { action: string }[] }>('get', `/audit?room=${room}`);
  const actions = entries.map(({ action }) => action);
  expect(actions).toContain('recording.share');
  expect(JSON.stringify(entries)).not.toContain(secret);
});

test('a deleted recording takes its shares and its bytes with it, and a deleted room its recordings', async ({
  server,
}) => {
  const api = new Api(server);
  const room = await server.createRoom();
  const gone = await keepRecording(server, room);
  const kept = await keepRecording(server, room);
  const share = async ({ id }: { id: string }) => {
    const made = await api.do<{ id: string; url: string }>('post', `/rooms/${room}/recordings/${id}/shares`);
    return () => ask(server, 'POST', `/api/shares/${made.id}`, { body: { secret: new URL(made.url).hash.slice(1) } });
  };
  const folder = ({ id }: { id: string }) => join(server.dataDir, 'recordings', id);
  const [openGone, openKept] = [await share(gone), await share(kept)];
  const { url } = await api.do<{ url: string }>('post', `/rooms/${room}/recordings/${gone.id}/links`, {
    file: gone.file,
  });
  expect((await fetch(url)).status).toBe(200);
  await api.do('delete', `/rooms/${room}/recordings/${gone.id}`);
  expect(existsSync(folder(gone))).toBe(false);
  expect([(await openGone()).status, (await fetch(url)).status, (await openKept()).status]).toEqual([404, 404, 200]);

  await api.do('delete', `/rooms/${room}`);
  expect(existsSync(folder(kept))).toBe(false);
  expect((await openKept()).status).toBe(404);
});

test('who makes a room of a name that was free again has nothing of what was recorded in the other', async ({
  server,
}) => {
  const room = await server.createRoom({ id: 'weekly' });
  const { id } = await keepRecording(server, room, { startedAt: Date.now() - 60_000 });
  const list = await ask(server, 'GET', of(room), byHost(server, room));
  expect(list).toMatchObject({ status: 200, body: { recordings: [] } });
  expect((await ask(server, 'GET', `${of(room)}/${id}`, byHost(server, room))).status).toBe(404);
});

test('a room keeps recordings no longer than the server does, and shorter where it says so', async ({ server }) => {
  const room = await server.createRoom({ policy: { recordingDays: 3 } });
  await keepRecording(server, room);
  const days = async () => {
    const { body } = await ask(server, 'GET', of(room), byHost(server, room));
    const [entry] = body.recordings as { startedAt: number; durationMs: number; deletedAt: number }[];
    return entry && (entry.deletedAt - entry.startedAt - entry.durationMs) / (24 * 60 * 60 * 1000);
  };
  expect(await days()).toBe(3);
  await new Api(server).do('patch', `/rooms/${room}`, { policy: { recordingDays: 3000 } });
  expect(await days()).toBe(90);
});

test('to guess at host keys ends as at the door (the last: it shuts the door)', async ({ server }) => {
  const room = await server.createRoom();
  const wrong = { authorization: `Host ${'x'.repeat(32)}` };
  const statuses = new Set<number>();
  for (let i = 0; i < 30 && !statuses.has(429); i++) statuses.add((await ask(server, 'GET', of(room), wrong)).status);
  expect([...statuses]).toEqual([404, 429]);
});
