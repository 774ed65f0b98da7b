import { randomUUID } from 'node:crypto';
import { PERSON_ROLES } from '@amphi/protocol';
import { describe, expect } from 'vitest';
import type { Cast, Person } from './support/cast.ts';
import { testWithServer } from './support/fixtures.ts';
import { camera, microphone, screen } from './support/rtp.ts';
import type { TestServer } from './support/server.ts';

const test = testWithServer();

/** A host, a speaker who sends a camera that both others receive, and a co-host. */
async function stage(server: TestServer, cast: Cast) {
  const room = await server.createRoom();
  const host = await cast.host(room, { name: 'Hanna' });
  const cohost = await cast.join(room, { name: 'Carl' });
  await host.wire.call('member.setRole', { memberId: cohost.id, role: 'cohost' });
  const speaker = await cast.join(room, { name: 'Sue' });
  const cameraId = await speaker.publishCamera();
  for (const { wire } of [host, cohost]) {
    const { consumer } = await wire.take('consumer.created');
    expect(consumer.producerId).toBe(cameraId);
    await wire.call('consumer.ready', { consumerIds: [consumer.id] });
  }
  return { room, host, cohost, speaker, cameraId };
}

/** That a track is gone for everybody, and does not come back. */
async function expectGone({ host, cohost, speaker, cameraId }: Awaited<ReturnType<typeof stage>>): Promise<void> {
  for (const { wire } of [host, cohost, speaker]) {
    expect(await wire.take('producer.removed')).toEqual({ memberId: speaker.id, producerId: cameraId });
  }
  for (const person of [host, cohost]) {
    const { members, consumers } = await person.sync();
    expect(members.flatMap(({ producers }) => producers)).toEqual([]);
    expect(consumers).toEqual([]);
  }
  const resumed = await speaker.wire.send('producer.update', { producerId: cameraId, muted: false });
  expect(resumed).toMatchObject({ error: { code: 'not-found' } });
  for (const producerId of [cameraId, randomUUID()]) {
    const again = { ...camera(speaker.transports.send.id), producerId };
    expect(await speaker.wire.send('producer.create', again)).toMatchObject({ error: { code: 'forbidden' } });
  }
}

describe.concurrent('a right that is taken away ends what it allowed', () => {
  test('by another role', async ({ server, cast }) => {
    const there = await stage(server, cast);
    await there.host.wire.call('member.setRole', { memberId: there.speaker.id, role: 'attendee' });
    await expectGone(there);
    expect((await there.speaker.sync()).self).toMatchObject({ role: 'attendee' });
  });

  test('by an exception', async ({ server, cast }) => {
    const there = await stage(server, cast);
    const exceptions = { grant: [], deny: ['publish.video' as const] };
    await there.host.wire.call('member.setExceptions', { memberId: there.speaker.id, exceptions });
    await expectGone(there);
    // That right only.
    await there.speaker.publish(microphone(there.speaker.transports.send.id));
    await there.speaker.publish(screen(there.speaker.transports.send.id));
  });

  test("by the room's policy, for those below the co-hosts", async ({ server, cast }) => {
    const there = await stage(server, cast);
    await there.cohost.wire.call('room.setPolicy', { allowVideo: false });
    await expectGone(there);
    const own = await there.cohost.publishCamera();
    await there.host.wire.take('producer.added', ({ producer }) => producer.id === own);
    await there.host.wire.call('room.setPolicy', { allowVideo: true });
    await there.speaker.publishCamera();
  });

  test('an exception stands above the policy', async ({ server, cast }) => {
    const there = await stage(server, cast);
    const exceptions = { grant: ['publish.video' as const], deny: [] };
    await there.host.wire.call('member.setExceptions', { memberId: there.speaker.id, exceptions });
    await there.host.wire.call('room.setPolicy', { allowVideo: false });
    await there.speaker.wire.call('producer.update', { producerId: there.cameraId, muted: true });
  });

  test('of writing in the chat', async ({ server, cast }) => {
    const { host, speaker } = await stage(server, cast);
    await speaker.wire.call('chat.send', { text: 'hello' });
    const exceptions = { grant: [], deny: ['chat' as const] };
    await host.wire.call('member.setExceptions', { memberId: speaker.id, exceptions });
    for (const [method, data] of [
      ['chat.send', { text: 'hello' }],
      ['chat.history', {}],
    ] as const) {
      expect(await speaker.wire.send(method, data)).toMatchObject({ error: { code: 'forbidden' } });
    }
  });
});

describe.concurrent('a direct connection', () => {
  /** Two who are connected browser to browser, as they say. */
  async function direct(server: TestServer, cast: Cast) {
    const room = await server.createRoom({ policy: { direct: true } });
    const host = await cast.host(room, { name: 'Hanna', direct: true });
    const guest = await cast.join(room, { name: 'Gil', direct: true });
    const { epoch } = await guest.wire.take('direct.start');
    for (const { wire } of [host, guest]) await wire.call('direct.report', { epoch, state: 'connected' });
    for (const { wire } of [host, guest]) await wire.take('direct.state', ({ state }) => state === 'live');
    return { host, guest, epoch };
  }

  async function expectEnded({ host, guest, epoch }: Awaited<ReturnType<typeof direct>>): Promise<void> {
    for (const { wire } of [host, guest]) {
      expect(await wire.take('direct.state')).toEqual({ epoch, state: 'ending' });
      await wire.call('direct.report', { epoch, state: 'released' });
    }
    for (const { wire } of [host, guest]) {
      expect(await wire.take('direct.state')).toEqual({ epoch, state: 'closed' });
    }
    expect((await host.sync()).direct).toBeUndefined();
    // Nothing passes through it any more, and there is no other.
    host.wire.inbox.clear();
    const signal = { type: 'offer' as const, sdp: 'v=0', tracks: {} };
    await guest.wire.call('direct.signal', { epoch, signal });
    await host.caughtUp();
    expect(host.wire.inbox.rest((name) => name.startsWith('direct.'))).toEqual([]);
  }

  test('ends when one may no longer send all', async ({ server, cast }) => {
    const there = await direct(server, cast);
    const exceptions = { grant: [], deny: ['publish.screen' as const] };
    await there.host.wire.call('member.setExceptions', { memberId: there.guest.id, exceptions });
    await expectEnded(there);
  });

  test('ends when one listens from now on', async ({ server, cast }) => {
    const there = await direct(server, cast);
    await there.host.wire.call('member.setRole', { memberId: there.guest.id, role: 'viewer' });
    await expectEnded(there);
  });

  test('ends when the room hides addresses', async ({ server, cast }) => {
    const there = await direct(server, cast);
    await there.host.wire.call('room.setPolicy', { direct: false });
    await expectEnded(there);
  });
});

describe.concurrent('rank', () => {
  test('protects those above and beside', async ({ server, cast }) => {
    const { room, host, cohost } = await stage(server, cast);
    const peer = await cast.join(room, { name: 'Pete' });
    await host.wire.call('member.setRole', { memberId: peer.id, role: 'cohost' });
    const hostCamera = await host.publishCamera();
    for (const { id: memberId } of [host, peer, cohost]) {
      for (const [method, data] of [
        ['moderate.mute', { sources: ['camera'] }],
        ['moderate.ask', { source: 'camera' }],
        ['moderate.remove', {}],
        ['moderate.remove', { ban: true }],
        ['member.setRole', { role: 'viewer' }],
        ['member.setExceptions', { exceptions: { grant: [], deny: ['chat'] } }],
      ] as const) {
        const answer = await cohost.wire.send(method, { memberId, ...data });
        expect(answer, `${method} of ${memberId}`).toMatchObject({ error: { code: 'forbidden' } });
      }
    }
    // Muting all means all below.
    await cohost.wire.call('moderate.mute', { sources: ['camera', 'microphone'] });
    const { members } = await host.sync();
    const muted = members
      .flatMap(({ producers }) => producers)
      .map(({ id, muted: isMuted }) => [id === hostCamera, isMuted]);
    expect(muted).toEqual(
      expect.arrayContaining([
        [true, false],
        [false, true],
      ]),
    );
    expect(muted).toHaveLength(2);
  });

  test('is nothing that anybody gives to themselves', async ({ server, cast }) => {
    const { room, host } = await stage(server, cast);
    for (const role of PERSON_ROLES) {
      const person = role === 'host' ? host : await cast.join(room, { name: role });
      if (role !== 'host') await host.wire.call('member.setRole', { memberId: person.id, role });
      for (const wanted of PERSON_ROLES) {
        const answer = await person.wire.send('member.setRole', { memberId: person.id, role: wanted });
        expect(answer, `${role} to ${wanted}`).toMatchObject({ error: { code: 'forbidden' } });
      }
      const exceptions = { grant: ['record', 'live'], deny: [] };
      const answer = await person.wire.send('member.setExceptions', { memberId: person.id, exceptions });
      expect(answer).toMatchObject({ error: { code: 'forbidden' } });
    }
  });

  test('is not to be had by a pass that was written on', async ({ server, cast }) => {
    const { room, speaker } = await stage(server, cast);
    const { pass } = speaker.snapshot.self;
    expect((await cast.visit(room, { token: pass })).welcome.role).toBe('speaker');
    const [, body = '', signature = ''] = pass.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const better = encode({ ...claims, role: 'host' });
    for (const token of [
      `${encode({ alg: 'HS256', typ: 'JWT' })}.${better}.${signature}`,
      `${encode({ alg: 'none', typ: 'JWT' })}.${better}.`,
      `${encode({ alg: 'HS384', typ: 'JWT' })}.${body}.${signature}`,
      `${pass}x`,
      'nonsense',
      '',
    ]) {
      await expect(cast.visit(room, { token }), token).rejects.toMatchObject({ code: 'unauthorized' });
    }
    const elsewhere = await server.createRoom();
    await expect(cast.visit(elsewhere, { token: pass })).rejects.toMatchObject({ code: 'unauthorized' });
  });
});

describe.concurrent('what is waiting outside', () => {
  test('gets nothing before a host opens: no media, chat, roster, relay, nor what is said in the room', async ({
    server,
    cast,
  }) => {
    const { room, host, speaker } = await stage(server, cast);
    await host.wire.call('room.setPolicy', { lobby: true });
    const waiting = await cast.visit(room);
    await waiting.call('lobby.knock', { name: 'Walt' });
    expect(waiting.welcome).toMatchObject({ admission: 'lobby', role: 'speaker' });
    waiting.inbox.clear();
    await speaker.wire.call('chat.send', { text: 'among us' });
    await speaker.publish(screen(speaker.transports.send.id));
    await speaker.wire.call('self.update', { name: 'Susan' });
    await waiting.call('session.ping', {});
    expect(waiting.inbox.rest(() => true)).toEqual([]);
    const told = JSON.stringify([waiting.welcome, waiting.inbox.all]);
    for (const secret of [speaker.id, host.id, 'Sue', 'Susan', 'among us']) expect(told).not.toContain(secret);
  });

  test('is let in, written to, and sent away', async ({ server, cast }) => {
    const { room, host } = await stage(server, cast);
    await host.wire.call('room.setPolicy', { lobby: true });
    const [first, second] = [await cast.visit(room), await cast.visit(room)];
    await first.call('lobby.knock', { name: 'First' });
    await second.call('lobby.knock', { name: 'Second' });
    await host.wire.call('lobby.write', { text: 'a moment' });
    for (const wire of [first, second]) {
      expect(await wire.take('lobby.message')).toEqual({ name: 'Hanna', text: 'a moment' });
    }
    await host.wire.call('lobby.deny', { id: second.id });
    expect(await second.take('lobby.decided')).toEqual({ admitted: false });
    await host.wire.call('lobby.admit', { ids: [first.id] });
    expect(await first.take('lobby.decided')).toEqual({ admitted: true });
    await joinAs(first, 'First');
    expect((await host.wire.take('member.joined', ({ member }) => member.name === 'First')).member.role).toBe(
      'speaker',
    );
  });
});

async function joinAs(wire: Person['wire'], name: string): Promise<void> {
  await wire.call('join', { name, direct: false, rtpCapabilities: wire.welcome.rtpCapabilities });
}
