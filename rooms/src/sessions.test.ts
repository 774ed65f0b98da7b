import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { newToken, tokenHash } from './tokens.ts';
import { call, startRooms, until } from './testing/index.ts';

const PERSON = { name: 'Ada', rtpCapabilities: {} };

describe('session manager', () => {
  test('an unknown token is a new session', async () => {
    const { connect } = startRooms();
    const { resumed, token } = await connect('lab', { token: newToken(), seq: 12 });
    expect(resumed).toBe(false);
    expect(token).toMatch(/^[\w-]{43}$/);
  });

  test('a token of another room is a new session', async () => {
    const { connect, directory } = startRooms();
    directory.create({ id: 'hall' });
    const first = await connect('lab');
    const second = await connect('hall', { token: first.token, seq: 0 });
    expect(second.resumed).toBe(false);
    expect(second.session.room.id).toBe('hall');
    expect(first.session.stage).toBe('connected');
  });

  test('the room is over with its last session', async () => {
    const { connect, directory, sessions } = startRooms();
    const [first, second] = [await connect('lab'), await connect('lab')];
    first.session.end('left');
    expect(directory.live()).toHaveLength(1);
    second.session.end('left');
    expect(directory.live()).toHaveLength(0);
    expect(sessions.size).toBe(0);
  });

  test('refuses rooms that there are not, that are full, or that have no media now', async () => {
    const { connect, directory, plane } = startRooms();
    await expect(connect('nowhere')).rejects.toMatchObject({ code: 'room-not-found' });
    directory.create({ id: 'cell', policy: { capacity: 1 } });
    const { session } = await connect('cell');
    await call(session, 'join', PERSON);
    await expect(connect('cell')).rejects.toMatchObject({ code: 'room-full' });
    session.end('left');
    expect((await connect('cell')).session.stage).toBe('connected');
    plane.unavailable = true;
    await expect(connect('lab')).rejects.toMatchObject({ code: 'media-unavailable' });
  });

  test('two who are connected cannot both take the last place', async () => {
    const { connect, directory } = startRooms();
    directory.create({ id: 'cell', policy: { capacity: 1 } });
    const [first, second] = [await connect('cell'), await connect('cell')];
    expect(await call(first.session, 'join', PERSON)).toMatchObject({ ok: true });
    expect(await call(second.session, 'join', PERSON)).toMatchObject({ error: { code: 'room-full' } });
  });

  test('limits the sessions of an address, not their resumption', async () => {
    const { connect } = startRooms({ maxPerAddress: 2 });
    const first = await connect('lab');
    await connect('lab');
    await expect(connect('lab')).rejects.toMatchObject({ code: 'rate-limited' });
    await expect(connect('nowhere')).rejects.toMatchObject({ code: 'rate-limited' });
    expect((await connect('lab', { token: first.token, seq: 0 })).resumed).toBe(true);
    first.session.end('left');
    await expect(connect('nowhere')).rejects.toMatchObject({ code: 'room-not-found' });
    expect((await connect('lab')).resumed).toBe(false);
  });

  test('who connects and never gets a connection is forgotten', async () => {
    const { sessions, clock } = startRooms();
    await sessions.connect({ room: 'lab', address: '192.0.2.1' });
    expect(sessions.size).toBe(1);
    clock.advance(60_000);
    expect(sessions.size).toBe(0);
  });

  test('closing tells everybody, and refuses from then on', async () => {
    const { connect, sessions } = startRooms();
    const { session, link } = await connect('lab');
    await call(session, 'join', PERSON);
    sessions.close('server-stopping');
    expect(link.sent.at(-1)).toMatchObject({ name: 'session.ended', data: { reason: 'server-stopping' } });
    expect(link.closed).toBe(true);
    await expect(connect('lab')).rejects.toMatchObject({ code: 'draining' });
  });

  test('a session that comes back on another node begins anew there, and ends here', async () => {
    const tokenKey = randomBytes(32);
    const here = startRooms({ tokenKey });
    const there = startRooms({ tokenKey, cluster: here.cluster.peer() });
    there.directory.create({ id: 'hall' });
    const first = await here.connect('lab');
    const second = await there.connect('hall', { token: first.token, seq: 0 });
    expect(second.resumed).toBe(false);
    await until(() => first.session.stage === 'ended');
    expect(first.link.sent.at(-1)).toMatchObject({ data: { reason: 'replaced' } });
  });

  test('counts answers by method', async () => {
    const answers: string[] = [];
    const { connect } = startRooms({ onAnswer: (name, { ok }) => void answers.push(`${name} ${ok}`) });
    const { session } = await connect('lab');
    await call(session, 'session.ping');
    await call(session, 'session.sync');
    expect(answers).toEqual(['session.ping true', 'session.sync false']);
  });
});

test('tokens are kept as keyed hashes', () => {
  const [token, other] = [newToken(), newToken()];
  expect(token).not.toBe(other);
  const key = randomBytes(32);
  expect(tokenHash(token, key)).toBe(tokenHash(token, key));
  expect(tokenHash(token, key)).not.toBe(tokenHash(other, key));
  expect(tokenHash(token, key)).not.toBe(tokenHash(token, randomBytes(32)));
});
