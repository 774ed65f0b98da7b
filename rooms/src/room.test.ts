import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { defineFeature } from './feature.ts';
import type { Member } from './member.ts';
import { createRoom, type Room } from './room.ts';
import { FakeClock, FakeMember, FakePlane, type FakeRoomMedia, quietLogger, until } from './testing/index.ts';

const CAPABILITIES = { codecs: [] };
const camera = (transportId: string, producerId = randomUUID()) => ({
  transportId,
  producerId,
  source: 'camera' as const,
  kind: 'video' as const,
  rtpParameters: { codecs: [] },
  muted: false,
});

describe('room', () => {
  let clock: FakeClock;
  let plane: FakePlane;
  let room: Room;
  let media: FakeRoomMedia;
  let logger: ReturnType<typeof quietLogger>;
  const feature = {
    joined: vi.fn<(member: Member) => void>(),
    left: vi.fn<(member: Member) => void>(),
    closed: vi.fn<() => void>(),
  };

  beforeEach(async () => {
    for (const mock of Object.values(feature)) mock.mockReset();
    clock = new FakeClock();
    plane = new FakePlane();
    logger = quietLogger();
    const watcher = defineFeature({
      name: 'watcher',
      methods: {},
      events: {},
      open: () => ({ handlers: {}, memberJoined: feature.joined, memberLeft: feature.left, close: feature.closed }),
    });
    const policy = { direct: false, capacity: 3 };
    room = await createRoom({ id: 'lab', policy, plane, features: [watcher], logger, clock });
    media = plane.room('lab');
  });

  /** Joins somebody, and answers the send transport's id with the snapshot. */
  async function join(id: string) {
    const member = new FakeMember(id);
    room.enter(member);
    const { snapshot, transports } = await room.join(member, CAPABILITIES);
    return { member, snapshot, send: transports.send.id };
  }

  /** Joins somebody with a camera. */
  async function joinWithCamera(id: string) {
    const joined = await join(id);
    const input = camera(joined.send);
    await room.tracks.create(id, input);
    return { ...joined, input, producerId: input.producerId };
  }

  const idle = () => new Promise((resolve) => setTimeout(resolve, 2));

  describe('members', () => {
    test('the first sees itself, the second both, and the first is told', async () => {
      const a = await join('a');
      expect(a.snapshot.members.map(({ id }) => id)).toEqual(['a']);
      const b = await join('b');
      expect(b.snapshot).toMatchObject({ selfId: 'b', room: { id: 'lab' }, members: [{ id: 'a' }, { id: 'b' }] });
      expect(a.member.told()).toEqual(['member.joined']);
      expect(b.member.told()).toEqual([]);
      expect(feature.joined.mock.calls).toEqual([[a.member], [b.member]]);
    });

    test('has no more members than its capacity, counting those who are joining', async () => {
      const gate = Promise.withResolvers<void>();
      await joinWithCamera('a');
      media.gate = gate.promise;
      const joins = ['b', 'c', 'd'].map((id) => join(id));
      gate.resolve();
      const results = await Promise.allSettled(joins);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
      expect(results[2]).toMatchObject({ reason: { code: 'room-full' } });
      expect(room.size).toBe(3);
    });

    test('a failed join leaves room for another', async () => {
      media.failure = new Error('no');
      await expect(join('a')).rejects.toThrow('no');
      await Promise.all([join('b'), join('c'), join('d')]);
      expect(room.size).toBe(3);
    });

    test('who leaves during the join is not in the room', async () => {
      await joinWithCamera('a');
      const gate = Promise.withResolvers<void>();
      media.gate = gate.promise;
      const joining = join('b');
      room.leave('b', 'lost');
      gate.resolve();
      await expect(joining).rejects.toMatchObject({ code: 'session-ended' });
      expect(room.isMember('b')).toBe(false);
      expect(media.transports.has('b')).toBe(false);
    });

    test('leaving is told once, with all media closed', async () => {
      const a = await join('a');
      const b = await joinWithCamera('b');
      a.member.told();
      room.leave('b', 'left');
      room.leave('b', 'left');
      expect(a.member.events).toEqual([{ name: 'member.left', data: { memberId: 'b', reason: 'left' } }]);
      expect(media.transports.has('b')).toBe(false);
      expect(media.producers.has(b.producerId)).toBe(false);
      expect(feature.left.mock.calls).toEqual([[b.member]]);
    });

    test('a change is told to all, presence only to the others', async () => {
      const [a, b] = [await join('a'), await join('b')];
      a.member.told();
      room.changed('a', { name: 'Ada' });
      room.changed('a', { presence: 'reconnecting' });
      room.changed('nobody', { name: 'x' });
      expect(a.member.told()).toEqual(['member.updated']);
      expect(b.member.events.map(({ data }) => data)).toEqual([
        { memberId: 'a', patch: { name: 'Ada' } },
        { memberId: 'a', patch: { presence: 'reconnecting' } },
      ]);
    });

    test('a new policy is told to visitors as well', async () => {
      const a = await join('a');
      const visitor = new FakeMember('v');
      room.enter(visitor);
      room.setPolicy({ direct: true, capacity: 9 });
      expect(a.member.told()).toEqual(['room.updated']);
      expect(visitor.told()).toEqual(['room.updated']);
      expect(room.policy.capacity).toBe(9);
    });

    test('closing ends everybody, once', async () => {
      const a = await join('a');
      const visitor = new FakeMember('v');
      room.enter(visitor);
      room.close('server-stopping');
      room.close();
      expect([a.member.ended, visitor.ended]).toEqual(['server-stopping', 'server-stopping']);
      expect(media.closed).toBe(true);
      expect(feature.closed).toHaveBeenCalledTimes(1);
    });
  });

  describe('tracks', () => {
    test('a new track is told to the others, first itself, then its consumer', async () => {
      const [a, b] = [await join('a'), await join('b')];
      a.member.told();
      const input = { ...camera(b.send), muted: true, width: 640, height: 360 };
      await room.tracks.create('b', input);
      await until(() => a.member.events.length === 2);
      expect(a.member.events).toMatchObject([
        {
          name: 'producer.added',
          data: { memberId: 'b', producer: { id: input.producerId, muted: true, width: 640, spatialLayers: 3 } },
        },
        { name: 'consumer.created', data: { consumer: { producerId: input.producerId, memberId: 'b' } } },
      ]);
      expect(media.producers.get(input.producerId)?.paused).toBe(true);
      expect(b.member.told()).toEqual([]);
    });

    test('who joins gets the tracks with the snapshot, and not again', async () => {
      const a = await joinWithCamera('a');
      const b = await join('b');
      expect(b.snapshot.consumers).toMatchObject([{ producerId: a.producerId, memberId: 'a' }]);
      expect(b.snapshot.members[0]?.producers).toMatchObject([{ id: a.producerId, source: 'camera' }]);
      await idle();
      expect(b.member.told()).toEqual([]);
    });

    test('a track that comes up during a join is received by who joined', async () => {
      const a = await joinWithCamera('a');
      const gate = Promise.withResolvers<void>();
      media.gate = gate.promise;
      const joining = join('b');
      const late = camera(a.send);
      await room.tracks.create('a', late);
      gate.resolve();
      const b = await joining;
      await idle();
      const known = [
        ...b.snapshot.consumers.map(({ producerId }) => producerId),
        ...b.member.events.map(({ data }) => (data as { consumer: { producerId: string } }).consumer.producerId),
      ];
      expect(known.toSorted()).toEqual([a.producerId, late.producerId].toSorted());
    });

    test('a track that ends while its consumer is made is not told of', async () => {
      const [a, b] = [await join('a'), await join('b')];
      const gate = Promise.withResolvers<void>();
      media.gate = gate.promise;
      const input = camera(b.send);
      await room.tracks.create('b', input);
      room.tracks.close('b', input.producerId);
      gate.resolve();
      await idle();
      expect(a.member.told()).toEqual(['member.joined', 'producer.added', 'producer.removed']);
    });

    test('an ended track is told of once, without its consumers', async () => {
      const a = await joinWithCamera('a');
      const b = await join('b');
      room.tracks.close('a', a.producerId);
      expect(b.member.told()).toEqual(['producer.removed']);
      expect(media.producers.size).toBe(0);
    });

    test('a consumer that the media plane closes is told of', async () => {
      await joinWithCamera('a');
      const b = await join('b');
      const [consumerId = ''] = b.snapshot.consumers.map(({ id }) => id);
      media.closeConsumer(consumerId);
      expect(b.member.events).toEqual([{ name: 'consumer.closed', data: { consumerId } }]);
    });

    test('muting is told and pauses; standby only pauses', async () => {
      const a = await joinWithCamera('a');
      const b = await join('b');
      const paused = () => media.producers.get(a.producerId)?.paused;
      await room.tracks.update('a', { producerId: a.producerId, standby: true });
      expect([b.member.told(), paused()]).toEqual([[], true]);
      await room.tracks.update('a', { producerId: a.producerId, muted: true });
      expect([b.member.told(), paused()]).toEqual([['producer.updated'], true]);
      await room.tracks.update('a', { producerId: a.producerId, standby: false });
      expect([b.member.told(), paused()]).toEqual([[], true]);
      await room.tracks.update('a', { producerId: a.producerId, muted: false });
      expect([b.member.told(), paused()]).toEqual([['producer.updated'], false]);
      await room.tracks.update('a', { producerId: a.producerId, width: 320, height: 180 });
      expect(room.snapshot('b').members[0]?.producers[0]).toMatchObject({ width: 320, height: 180, muted: false });
    });

    test("somebody else's track is as good as none", async () => {
      const a = await joinWithCamera('a');
      const b = await join('b');
      await expect(room.tracks.update('b', { producerId: a.producerId, muted: true })).rejects.toMatchObject({
        code: 'not-found',
      });
      expect(() => room.tracks.close('b', a.producerId)).toThrow(expect.objectContaining({ code: 'not-found' }));
      await expect(room.tracks.create('b', camera(b.send, a.producerId))).rejects.toMatchObject({
        code: 'wrong-state',
      });
      await expect(room.tracks.create('b', camera(a.send))).rejects.toMatchObject({ code: 'not-found' });
      await expect(room.tracks.create('a', a.input)).rejects.toMatchObject({ code: 'wrong-state' });
    });

    test('a member sends only so many tracks', async () => {
      const { send } = await join('a');
      for (let n = 0; n < 8; n++) await room.tracks.create('a', camera(send));
      await expect(room.tracks.create('a', camera(send))).rejects.toMatchObject({ code: 'wrong-state' });
    });
  });

  describe('transports made ahead', () => {
    test('are those of the join', async () => {
      const visitor = new FakeMember('v');
      room.enter(visitor);
      const prepared = await room.tracks.prepare('v');
      const { transports } = await room.join(visitor, CAPABILITIES);
      expect(transports).toEqual(prepared);
      clock.advance(300_000);
      expect(media.transports.get('v')).toEqual(prepared);
    });

    test('are closed after 120 s without a join, which can still come', async () => {
      const visitor = new FakeMember('v');
      room.enter(visitor);
      const prepared = await room.tracks.prepare('v');
      clock.advance(119_999);
      expect(media.transports.has('v')).toBe(true);
      clock.advance(1);
      expect(media.transports.has('v')).toBe(false);
      const { transports } = await room.join(visitor, CAPABILITIES);
      expect(transports.send.id).not.toBe(prepared.send.id);
    });
  });

  describe('a lost worker', () => {
    test('everybody moves, sends the same tracks again, and nobody sees a track come or go', async () => {
      const [a, b] = [await joinWithCamera('a'), await joinWithCamera('b')];
      await idle();
      a.member.told();
      b.member.told();
      media.lose(['a', 'b']);
      await until(() => a.member.events.length === 1 && b.member.events.length === 1);
      const [moved] = a.member.events;
      expect(moved).toMatchObject({ name: 'media.moved', data: { consumers: [] } });
      expect(room.snapshot('a').members.map(({ producers }) => producers.length)).toEqual([1, 1]);
      a.member.told();
      b.member.told();
      await room.tracks.create('a', { ...a.input, transportId: media.sendId('a') });
      await until(() => b.member.events.length === 2);
      expect(b.member.told()).toEqual(['producer.updated', 'consumer.created']);
    });

    test('those on other workers only lose consumers, and get them again', async () => {
      const [a, b] = [await joinWithCamera('a'), await joinWithCamera('b')];
      await idle();
      b.member.told();
      a.member.told();
      media.lose(['a']);
      await until(() => a.member.events.length === 1);
      expect(a.member.events).toMatchObject([{ data: { consumers: [{ producerId: b.producerId }] } }]);
      expect(b.member.told()).toEqual(['consumer.closed']);
      await room.tracks.create('a', { ...a.input, transportId: media.sendId('a') });
      await until(() => b.member.events.length === 2);
      expect(b.member.told()).toEqual(['producer.updated', 'consumer.created']);
    });

    test('visitors with transports move as well', async () => {
      const visitor = new FakeMember('v');
      room.enter(visitor);
      await room.tracks.prepare('v');
      media.lose(['v']);
      await until(() => visitor.events.length === 1);
      expect(visitor.told()).toEqual(['media.moved']);
    });

    test('it tries again when the next worker is lost as well', async () => {
      const a = await join('a');
      media.failure = new Error('worker gone');
      media.lose(['a']);
      await idle();
      expect(a.member.told()).toEqual([]);
      clock.advance(500);
      await until(() => a.member.events.length === 1);
      expect(a.member.told()).toEqual(['media.moved']);
    });

    test('who cannot be moved at all is ended', async () => {
      const a = await join('a');
      media.createTransports = () => Promise.reject(new Error('no'));
      media.lose(['a']);
      for (let n = 0; n < 20; n++) {
        await idle();
        clock.advance(500);
      }
      expect(a.member.ended).toBe('lost');
      expect(logger.errors).toHaveLength(1);
    });
  });

  describe('what the media plane says', () => {
    test('reaches whom it concerns', async () => {
      const [a, b] = [await join('a'), await join('b')];
      a.member.told();
      media.events.demand('a', 'p', 1);
      media.events.consumerLayers('a', 'c', { spatialLayer: 2 });
      media.events.consumerLayers('gone', 'c', null);
      media.events.speakers('a', [{ memberId: 'a', level: -30 }]);
      expect(a.member.told()).toEqual(['producer.demand', 'consumer.layers', 'room.speakers']);
      expect(b.member.told()).toEqual(['room.speakers']);
    });
  });

  describe('direct', () => {
    test('two are told to connect, after the join of the second was answered with what was', async () => {
      room.setPolicy({ direct: true, capacity: 3 });
      const a = await join('a');
      const b = await join('b');
      expect(b.snapshot.direct).toBeUndefined();
      expect(a.member.told()).toEqual(['member.joined', 'direct.start']);
      expect(b.member.told()).toEqual(['direct.start']);
      expect(room.snapshot('b').direct).toEqual({ epoch: 1, peerId: 'a', offerer: false });
      const signal = { type: 'offer' as const, sdp: 'v=0', tracks: {} };
      room.signal('a', 1, signal);
      room.signal('a', 9, signal);
      expect(b.member.events).toEqual([{ name: 'direct.signal', data: { epoch: 1, signal } }]);
      b.member.told();
      room.report('a', 1, 'connected');
      room.report('b', 1, 'connected');
      expect(b.member.told()).toEqual(['direct.state']);
      const release = room.requireSfu();
      expect(b.member.events).toMatchObject([{ name: 'direct.state', data: { state: 'ending' } }]);
      release();
    });
  });
});
