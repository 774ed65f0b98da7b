import { randomUUID } from 'node:crypto';
import type { Answer, PolicyPatch } from '@amphi/protocol';
import { describe, expect, test } from 'vitest';
import type { Credentials } from './admission.ts';
import type { Session } from './session.ts';
import { call, camera, startRooms, until } from './testing/index.ts';

/** A room with a host in it. */
async function open(policy: PolicyPatch = {}) {
  const rooms = startRooms();
  const { hostKey } = await rooms.directory.create({ id: 'hall', policy: { direct: false, ...policy } });
  const connect = (credentials: Credentials = {}) => rooms.connect('hall', undefined, credentials);
  const host = await connect({ hostKey, guest: randomUUID() });
  await join(host.session, 'Hanna');
  return { ...rooms, hostKey, connect, host };
}

const join = (session: Session, name: string, more: object = {}): Promise<Answer> =>
  call(session, 'join', { name, rtpCapabilities: { codecs: [], headerExtensions: [] }, ...more });

const codeOf = (answer: Answer) => (answer.ok ? 'ok' : answer.error.code);

describe('the door', () => {
  test('the host link makes a host; a wrong one is answered like a room that there is not', async () => {
    const { host, connect, sessions } = await open();
    expect(host.session.role).toBe('host');
    const refusals = [connect({ hostKey: 'x'.repeat(32) }), sessions.connect({ room: 'none', address: '::1' })];
    const [wrong, none] = await Promise.allSettled(refusals);
    expect(wrong).toMatchObject({ reason: { code: 'room-not-found' } });
    expect(none).toMatchObject({ reason: { message: (wrong as PromiseRejectedResult).reason.message } });
  });

  test('a password is asked for, and the right one opens', async () => {
    const { connect } = await open({ password: 'open sesame' });
    const { session } = await connect();
    expect(session.admission).toBe('password');
    expect(codeOf(await call(session, 'media.prepare'))).toBe('forbidden');
    expect(codeOf(await join(session, 'Gil'))).toBe('password');
    expect(codeOf(await join(session, 'Gil', { password: 'wrong one' }))).toBe('password');
    expect(codeOf(await join(session, 'Gil', { password: 'open sesame' }))).toBe('ok');
    expect(session.role).toBe('speaker');
  });

  test('who waits in the lobby gets nothing until a host lets them in', async () => {
    const { connect, host } = await open({ lobby: true });
    const { session, link } = await connect();
    expect(codeOf(await join(session, 'Gil'))).toBe('lobby');
    const knocked = await call(session, 'lobby.knock', { name: 'Gil' });
    expect(knocked).toMatchObject({ ok: true, data: { hosts: ['Hanna'] } });
    expect(session.role).toBe('waiting');
    for (const method of ['media.prepare', 'relay.renew']) {
      expect(codeOf(await call(session, method)), method).toBe('forbidden');
    }
    expect(host.link.sent.at(-1)).toMatchObject({ name: 'lobby.waiting', data: { people: [{ name: 'Gil' }] } });
    expect(codeOf(await call(host.session, 'lobby.admit', { ids: [session.id] }))).toBe('ok');
    expect(link.sent.at(-1)).toMatchObject({ name: 'lobby.decided', data: { admitted: true } });
    expect(codeOf(await join(session, 'Gil'))).toBe('ok');
  });

  test('a change of the policy leaves alone what it does not name', async () => {
    const { connect, host } = await open({ lobby: true, allowChat: false, recording: 'ask', expiresAt: 9e12 });
    const { policy } = host.session.room;
    await call(host.session, 'room.setPolicy', { muteOnEntry: true });
    expect(host.session.room.policy).toEqual({ ...policy, muteOnEntry: true });
    expect((await connect()).session.admission).toBe('lobby');
  });

  test('a room that was locked meanwhile is not knocked at; who waited by then still can be let in', async () => {
    const { connect, host } = await open({ lobby: true });
    const [gil, ida] = [await connect(), await connect()];
    expect(codeOf(await call(gil.session, 'lobby.knock', { name: 'Gil' }))).toBe('ok');
    await call(host.session, 'room.setPolicy', { locked: true });
    expect(codeOf(await call(ida.session, 'lobby.knock', { name: 'Ida' }))).toBe('room-not-found');
    expect(codeOf(await call(gil.session, 'lobby.knock', { name: 'Gil' }))).toBe('ok');
    await call(host.session, 'lobby.admit', { ids: [gil.session.id] });
    expect(codeOf(await join(gil.session, 'Gil'))).toBe('ok');
  });

  test('a locked room lets in who was in it, and who was put out no more', async () => {
    const { connect, host, clock } = await open();
    const guest = randomUUID();
    const { session } = await connect({ guest });
    const joined = await join(session, 'Gil');
    const { pass } = (joined as { data: { snapshot: { self: { pass: string } } } }).data.snapshot.self;
    expect(codeOf(await call(host.session, 'room.setPolicy', { locked: true }))).toBe('ok');
    await expect(connect()).rejects.toMatchObject({ code: 'room-not-found' });
    const again = await connect({ guest, token: pass });
    expect(again.session.admission).toBe('open');
    clock.advance(1000);
    expect(codeOf(await call(host.session, 'moderate.remove', { memberId: session.id }))).toBe('ok');
    expect(session.stage).toBe('ended');
    await expect(connect({ guest, token: pass })).rejects.toMatchObject({ code: 'room-not-found' });
  });
});

describe('those who were put out', () => {
  /** Somebody who has joined, with what brings them back. */
  async function joined(connect: Awaited<ReturnType<typeof open>>['connect'], credentials: Credentials) {
    const { session } = await connect(credentials);
    const answer = await join(session, 'Gil');
    const { pass } = (answer as { data: { snapshot: { self: { pass: string } } } }).data.snapshot.self;
    return { session, pass };
  }

  test('are not co-hosts any more, and keep what was taken from them', async () => {
    const { connect, host, clock } = await open();
    const guest = randomUUID();
    const { session, pass } = await joined(connect, { guest });
    await call(host.session, 'member.setRole', { memberId: session.id, role: 'cohost' });
    const exceptions = { grant: ['record'], deny: ['chat'] };
    await call(host.session, 'member.setExceptions', { memberId: session.id, exceptions });
    clock.advance(10);
    await call(host.session, 'moderate.remove', { memberId: session.id });
    for (const credentials of [{ guest }, { guest, token: pass }]) {
      const again = await connect(credentials);
      expect(again.session).toMatchObject({ roleInRoom: 'speaker', exceptions: { grant: [], deny: ['chat'] } });
    }
  });

  test('need a new token, where they came with one', async () => {
    const { connect, host, clock } = await open({ lobby: true });
    const claims = {
      room: 'hall',
      role: 'cohost',
      identity: 'user:gil',
      exceptions: { grant: [], deny: [] },
      kind: 'token',
    };
    const token = (issuedAt: number) => ({ token: JSON.stringify({ ...claims, issuedAt }) });
    const { session } = await joined(connect, token(clock.now()));
    expect(session.role).toBe('cohost');
    clock.advance(10);
    await call(host.session, 'moderate.remove', { memberId: session.id });
    expect((await connect(token(clock.now()))).session.admission).toBe('lobby');
    clock.advance(10);
    expect((await connect(token(clock.now()))).session).toMatchObject({ admission: 'open', roleInRoom: 'cohost' });
  });

  test('go with all their tabs, those on the prejoin page as well', async () => {
    const { connect, host } = await open();
    const guest = randomUUID();
    const [{ session }, second, other] = [await joined(connect, { guest }), await connect({ guest }), await connect()];
    await call(host.session, 'moderate.remove', { memberId: session.id, ban: true });
    expect(second.session.stage).toBe('ended');
    expect(second.link.sent.at(-1)).toMatchObject({ name: 'session.ended', data: { reason: 'banned' } });
    expect(other.session.stage).toBe('connected');
  });
});

describe('a lobby that is shut', () => {
  test('lets nobody in when the room is locked in the same breath', async () => {
    const { connect, host } = await open({ lobby: true });
    const { session } = await connect();
    await call(session, 'lobby.knock', { name: 'Gil' });
    await call(host.session, 'room.setPolicy', { lobby: false, locked: true });
    expect(session.admission).toBe('closed');
    expect(codeOf(await join(session, 'Gil'))).toBe('room-not-found');
    const late = await call(session, 'lobby.knock', { name: 'Gil' });
    expect(codeOf(late)).toBe('room-not-found');
  });
});

describe('moderation', () => {
  test('a right that is taken while the worker is busy with it is not had', async () => {
    const { connect, host, media } = await open();
    const { session, link } = await connect();
    await join(session, 'Gil');
    const gate = Promise.withResolvers<void>();
    media('hall').producerGate = gate.promise;
    const track = camera(media('hall').sendId(session.id));
    const created = session.room.tracks.create(session.id, track);
    await call(host.session, 'room.setPolicy', { allowVideo: false });
    gate.resolve();
    await expect(created).rejects.toMatchObject({ code: 'forbidden' });
    expect(media('hall').hasProducer(track.producerId)).toBe(false);
    expect(host.link.names()).not.toContain('producer.added');
    expect(link.names()).toContain('self.changed');
  });

  test('who has a name by a token keeps it', async () => {
    const { connect, clock } = await open();
    const claims = {
      room: 'hall',
      role: 'speaker',
      identity: 'user:gil',
      name: 'Gil',
      kind: 'token',
      issuedAt: clock.now(),
    };
    const { session } = await connect({ token: JSON.stringify({ ...claims, exceptions: { grant: [], deny: [] } }) });
    await join(session, 'Hanna, the host');
    expect(session.info().name).toBe('Gil');
    expect(codeOf(await call(session, 'self.update', { name: 'Hanna' }))).toBe('forbidden');
    expect(codeOf(await call(session, 'self.update', { name: 'Gil', quality: { level: 'good' } }))).toBe('ok');
  });

  test('who loses a right stops sending, and hears of it', async () => {
    const { connect, host, media } = await open();
    const { session, link } = await connect();
    await join(session, 'Gil');
    const track = camera(media('hall').sendId(session.id));
    await session.room.tracks.create(session.id, track);
    const demoted = await call(host.session, 'member.setRole', { memberId: session.id, role: 'attendee' });
    expect(codeOf(demoted)).toBe('ok');
    await until(() => link.names().includes('self.changed'));
    expect(link.names()).toContain('producer.removed');
    expect(media('hall').hasProducer(track.producerId)).toBe(false);
    expect(session.may('publish.video')).toBe(false);
  });

  test('nobody acts on an equal or a superior, nor gives more than the own role', async () => {
    const { connect, host } = await open();
    const [gil, ida] = [await connect(), await connect()];
    await join(gil.session, 'Gil');
    await join(ida.session, 'Ida');
    await call(host.session, 'member.setRole', { memberId: gil.session.id, role: 'cohost' });
    const remove = (memberId: string) => call(gil.session, 'moderate.remove', { memberId });
    expect(codeOf(await remove(host.session.id))).toBe('forbidden');
    expect(codeOf(await remove('nobody'))).toBe('not-found');
    const raise = { memberId: ida.session.id, role: 'host' };
    expect(codeOf(await call(gil.session, 'member.setRole', raise))).toBe('forbidden');
    expect(codeOf(await call(ida.session, 'moderate.mute', { sources: ['camera'] }))).toBe('forbidden');
    expect(codeOf(await remove(ida.session.id))).toBe('ok');
  });

  test('a ban by identity puts out whoever has it, and holds for who is not there', async () => {
    const { connect, directory, store } = await open();
    const guest = randomUUID();
    const { session, link } = await connect({ guest });
    await join(session, 'Gil');
    const actor = { identity: 'key:1', name: 'Site', role: 'host', isServer: true } as const;
    const made = directory.governor('hall').ban(actor, { identity: session.identity, name: 'Gil' });
    expect(made).toMatchObject({ name: 'Gil', by: 'Site' });
    expect(link.sent.at(-1)).toMatchObject({ name: 'session.ended', data: { reason: 'banned' } });
    await expect(connect({ guest })).rejects.toMatchObject({ code: 'room-not-found' });
    const [entry] = store.audit.search({ room: 'hall' }, { limit: 1 });
    expect(entry).toMatchObject({ action: 'moderate.ban', actor: 'key:1', target: session.identity });
  });

  test('a ban holds for who comes back, until it is lifted; all of it is in the log', async () => {
    const { connect, host } = await open();
    const guest = randomUUID();
    const { session } = await connect({ guest });
    await join(session, 'Gil');
    await call(host.session, 'moderate.remove', { memberId: session.id, ban: true });
    await expect(connect({ guest })).rejects.toMatchObject({ code: 'room-not-found' });
    // The host has the same address, which is why it is not banned with the guest.
    await connect();
    const [ban] = host.session.governor.bans();
    expect(codeOf(await call(host.session, 'moderate.unban', { id: ban?.id }))).toBe('ok');
    await connect({ guest });
    const log = host.session.governor.audit({ limit: 10 });
    expect(log.map(({ action, actorName }) => `${actorName} ${action}`)).toEqual([
      'Hanna moderate.unban',
      'Hanna moderate.remove',
    ]);
  });
});

describe('the audience', () => {
  const seenBy = (session: Session) => session.snapshot().members.map(({ name }) => name);

  test('is seen by those who moderate, also when they come to do so later', async () => {
    const { connect, host } = await open({ guestRole: 'viewer' });
    const [gil, ida] = [await connect(), await connect()];
    await join(gil.session, 'Gil');
    await join(ida.session, 'Ida');
    expect(seenBy(gil.session)).toEqual(['Hanna', 'Gil']);
    gil.link.sent.length = 0;
    await call(host.session, 'member.setRole', { memberId: gil.session.id, role: 'cohost' });
    expect(gil.link.sent).toContainEqual(
      expect.objectContaining({ name: 'member.joined', data: { member: expect.objectContaining({ name: 'Ida' }) } }),
    );
    await call(host.session, 'member.setRole', { memberId: gil.session.id, role: 'speaker' });
    expect(gil.link.sent).toContainEqual(
      expect.objectContaining({ name: 'member.left', data: { memberId: ida.session.id, reason: 'left' } }),
    );
  });

  test('of which one may speak is seen by all, as long as that lasts', async () => {
    const { connect, host } = await open();
    const [gil, ida] = [await connect(), await connect()];
    await join(gil.session, 'Gil');
    await join(ida.session, 'Ida');
    await call(host.session, 'member.setRole', { memberId: ida.session.id, role: 'viewer' });
    gil.link.sent.length = 0;
    const give = (grant: string[]) =>
      call(host.session, 'member.setExceptions', { memberId: ida.session.id, exceptions: { grant, deny: [] } });
    await give(['publish.audio']);
    expect(gil.link.names()).toContain('member.joined');
    expect(seenBy(gil.session)).toEqual(['Hanna', 'Gil', 'Ida']);
    await give([]);
    expect(gil.link.names()).toContain('member.left');
  });
});
