import { randomUUID } from 'node:crypto';
import { AmphiError, type ErrorBody } from '@amphi/protocol';
import { describe, expect, test as base } from 'vitest';
import { Cast, type Person } from './support/cast.ts';
import { testWithServer } from './support/fixtures.ts';
import { startTestServer } from './support/server.ts';
import type { Credentials } from './support/wire-client.ts';

// A proxy in front, so that people have addresses of their own; it listens on loopback all the same.
const test = testWithServer({ trustProxy: 1, turn: { mode: 'off' } });

const HOST = '198.51.100.1';
const GUEST = '203.0.113.7';

/** What a refused connection was told, and after how many milliseconds. */
async function refusal(cast: Cast, room: string, credentials: Credentials): Promise<[ErrorBody | 'let in', number]> {
  const since = performance.now();
  try {
    await cast.visit(room, credentials);
    return ['let in', performance.now() - since];
  } catch (error) {
    if (!(error instanceof AmphiError)) throw error;
    return [error.toBody(), performance.now() - since];
  }
}

const codeOf = async (answer: Promise<[ErrorBody | 'let in', number]>) => {
  const [body] = await answer;
  return body === 'let in' ? body : body.code;
};

describe.concurrent('those who were put out', () => {
  async function gather(cast: Cast, room: string) {
    const guest = randomUUID();
    const host = await cast.host(room, { name: 'Hanna', from: HOST });
    const gil = await cast.join(room, { name: 'Gil', guest, from: GUEST });
    return { guest, host, gil };
  }
  /** All that somebody has to come back with. */
  const keysOf = (person: Person) => ({
    token: person.snapshot.self.pass,
    resume: { token: person.wire.welcome.resumeToken, seq: person.wire.seq },
  });

  test('cannot go on with their session, and a pass of before is worth nothing', async ({ server, cast }) => {
    const room = await server.createRoom();
    const { guest, host, gil } = await gather(cast, room);
    await host.wire.call('member.setRole', { memberId: gil.id, role: 'cohost' });
    const { self } = await gil.wire.take('self.changed');
    await host.wire.call('moderate.remove', { memberId: gil.id });
    expect(await gil.wire.take('session.ended')).toEqual({ reason: 'removed' });
    for (const token of [gil.snapshot.self.pass, self.pass]) {
      const back = await cast.visit(room, { ...keysOf(gil), token, guest, from: GUEST });
      expect(back.welcome).toMatchObject({ resumed: false, role: 'speaker', admission: 'open' });
      back.close();
    }
    await host.wire.call('room.setPolicy', { locked: true });
    for (const keys of [keysOf(gil), { token: self.pass }, {}]) {
      expect(await codeOf(refusal(cast, room, { ...keys, guest, from: GUEST }))).toBe('room-not-found');
    }
  });

  test('are banned as guests, by address, and by pass', async ({ server, cast }) => {
    const room = await server.createRoom();
    const { guest, host, gil } = await gather(cast, room);
    await host.wire.call('moderate.remove', { memberId: gil.id, ban: true });
    expect(await gil.wire.take('session.ended')).toEqual({ reason: 'banned' });
    // With all the keys; after a reload; from elsewhere; with the browser's memory erased.
    for (const credentials of [
      { ...keysOf(gil), guest, from: GUEST },
      { guest, from: GUEST },
      { guest, from: '203.0.113.8' },
      { token: gil.snapshot.self.pass, from: '203.0.113.8' },
      { guest: randomUUID(), from: GUEST },
      { from: GUEST },
    ]) {
      expect(await codeOf(refusal(cast, room, credentials)), JSON.stringify(credentials)).toBe('room-not-found');
    }
    expect(await codeOf(refusal(cast, room, { guest: randomUUID(), from: '203.0.113.8' }))).toBe('let in');
    // Other rooms have nothing to do with it.
    expect(await codeOf(refusal(cast, await server.createRoom(), { guest, from: GUEST }))).toBe('let in');
  });

  test('do not take a network with them that others in the room share', async ({ server, cast }) => {
    const room = await server.createRoom();
    const { guest, host, gil } = await gather(cast, room);
    await cast.join(room, { name: 'Colleague', guest: randomUUID(), from: GUEST });
    await host.wire.call('moderate.remove', { memberId: gil.id, ban: true });
    expect(await codeOf(refusal(cast, room, { guest, from: GUEST }))).toBe('room-not-found');
    expect(await codeOf(refusal(cast, room, { guest: randomUUID(), from: GUEST }))).toBe('let in');
  });
});

base('a ban holds after a restart of the server', async ({ onTestFinished }) => {
  const settings = { trustProxy: 1, turn: { mode: 'off' } } as const;
  const first = await startTestServer(settings);
  const guest = randomUUID();
  const room = await first.createRoom();
  const before = new Cast(first);
  const host = await before.host(room, { name: 'Hanna', from: HOST });
  const gil = await before.join(room, { name: 'Gil', guest, from: GUEST });
  await host.wire.call('moderate.remove', { memberId: gil.id, ban: true });
  before.leave();
  await first.stop();

  const second = await startTestServer({ ...settings, dataDir: first.dataDir });
  onTestFinished(() => second.close());
  const after = new Cast(second);
  for (const credentials of [
    { guest, from: '203.0.113.8' },
    { token: gil.snapshot.self.pass, from: '203.0.113.8' },
    { guest: randomUUID(), from: GUEST },
  ]) {
    expect(await codeOf(refusal(after, room, credentials))).toBe('room-not-found');
  }
  // The host comes back as the host, by the pass.
  const again = await after.join(room, { name: 'Hanna', token: host.snapshot.self.pass, from: HOST });
  expect(again.snapshot.self.role).toBe('host');
  const { bans } = await again.wire.call('moderate.bans', {});
  await again.wire.call('moderate.unban', { id: bans[0]?.id ?? '' });
  expect(await codeOf(refusal(after, room, { guest, from: GUEST }))).toBe('let in');
  after.leave();
});

describe('whoever may not come in', () => {
  test('learns neither from the answer nor from its time whether there is such a room', async ({ server, cast }) => {
    const locked = await server.createRoom({ policy: { locked: true } });
    const open = await server.createRoom();
    const host = await cast.host(open, { name: 'Hanna', from: HOST });
    const guest = randomUUID();
    const gil = await cast.join(open, { name: 'Gil', guest, from: GUEST });
    await host.wire.call('moderate.remove', { memberId: gil.id, ban: true });

    const cases: Record<string, [room: string, credentials: Credentials]> = {
      'no such room': ['no-such-room', { from: HOST }],
      'a locked room': [locked, { from: HOST }],
      'a banned guest': [open, { guest, from: GUEST }],
      'a wrong host link': [open, { hostKey: 'x'.repeat(32), from: HOST }],
    };
    const times: Record<string, number[]> = {};
    // In turns, so that what else the machine does is in all of them.
    for (let n = 0; n < 9; n++) {
      for (const [what, [room, credentials]] of Object.entries(cases)) {
        const [body, took] = await refusal(cast, room, credentials);
        expect(body, what).toEqual({ code: 'room-not-found', message: expect.any(String) });
        expect((body as ErrorBody).message).toBe('there is no such room, or you may not enter it');
        (times[what] ??= []).push(took);
      }
    }
    const medians = Object.values(times).map((each) => Math.round(each.toSorted((a, b) => a - b)[4] ?? 0));
    console.log('refused after (median, ms):', medians, Object.keys(times));
    // All wait for the same moment, which is long after the longest of the searches.
    expect(Math.min(...medians)).toBeGreaterThanOrEqual(145);
    expect(Math.max(...medians) - Math.min(...medians)).toBeLessThan(50);
  });

  base('is made to wait after too many guesses, at whatever; others are not', async ({ onTestFinished }) => {
    const settings = { trustProxy: 1, turn: { mode: 'off' }, limits: { wrongGuesses: 4 } } as const;
    const strict = await startTestServer(settings);
    onTestFinished(() => strict.close());
    const cast = new Cast(strict);
    onTestFinished(() => cast.leave());
    const room = await strict.createRoom({ policy: { password: 'open sesame' } });
    const look = (id: string) =>
      fetch(new URL(`/api/rooms/${id}`, strict.url), { headers: { 'x-forwarded-for': GUEST } });

    const early = await cast.visit(room, { from: GUEST });
    const patient = await cast.visit(room, { from: GUEST });
    const join = (password: string) =>
      early.send('join', { name: 'Gil', password, rtpCapabilities: early.welcome.rtpCapabilities });
    expect(await join('wrong password')).toMatchObject({ error: { code: 'password' } });
    expect(await codeOf(refusal(cast, 'a-guess', { from: GUEST }))).toBe('room-not-found');
    expect(await codeOf(refusal(cast, room, { token: 'guessed', from: GUEST }))).toBe('unauthorized');
    expect((await look('another-guess')).status).toBe(404);
    // Four were wrong: now not even the right ones are looked at.
    for (const guess of [{ hostKey: strict.hostKeyOf(room) }, {}]) {
      const [body] = await refusal(cast, room, { ...guess, from: GUEST });
      expect(body).toMatchObject({ code: 'rate-limited', retryAfterMs: expect.any(Number) });
    }
    expect(await join('open sesame')).toMatchObject({ error: { code: 'rate-limited' } });
    expect((await look(room)).status).toBe(429);
    // Who is in, or guesses nothing, goes on; and so does everybody elsewhere.
    expect(await patient.send('session.ping', {})).toMatchObject({ ok: true });
    expect(await codeOf(refusal(cast, room, { from: '203.0.113.8' }))).toBe('let in');
    expect(await codeOf(refusal(cast, room, { hostKey: strict.hostKeyOf(room), from: HOST }))).toBe('let in');
  });
});
