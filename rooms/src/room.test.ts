import { roomPolicy } from '@amphi/protocol';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { defineFeature } from './feature.ts';
import type { Member } from './member.ts';
import { FakeMember, startRoom } from './testing/index.ts';

const feature = {
  joined: vi.fn<(member: Member) => void>(),
  left: vi.fn<(member: Member) => void>(),
  closed: vi.fn<() => void>(),
};
const watcher = defineFeature({
  name: 'watcher',
  methods: {},
  events: {},
  open: () => ({ handlers: {}, memberJoined: feature.joined, memberLeft: feature.left, close: feature.closed }),
});

describe('room', () => {
  let start: Awaited<ReturnType<typeof startRoom>>;

  beforeEach(async () => {
    for (const mock of Object.values(feature)) mock.mockReset();
    start = await startRoom([watcher]);
  });

  describe('members', () => {
    test('the first sees itself, the second both, and the first is told', async () => {
      const { join } = start;
      const a = await join('a');
      expect(a.snapshot.members.map(({ id }) => id)).toEqual(['a']);
      const b = await join('b');
      expect(b.snapshot).toMatchObject({ selfId: 'b', room: { id: 'lab' }, members: [{ id: 'a' }, { id: 'b' }] });
      expect(a.member.told()).toEqual(['member.joined']);
      expect(b.member.told()).toEqual([]);
      expect(feature.joined.mock.calls).toEqual([[a.member], [b.member]]);
    });

    test('has no more members than its capacity, counting those who are joining', async () => {
      const { join, joinWithCamera, media, room } = start;
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
      const { join, media, room } = start;
      media.failure = new Error('no');
      await expect(join('a')).rejects.toThrow('no');
      await Promise.all([join('b'), join('c'), join('d')]);
      expect(room.size).toBe(3);
    });

    test('who leaves during the join is not in the room', async () => {
      const { join, joinWithCamera, media, room } = start;
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
      const { join, joinWithCamera, media, room } = start;
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
      const { join, room } = start;
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
      const { join, room } = start;
      const a = await join('a');
      const visitor = new FakeMember('v');
      room.enter(visitor);
      room.setPolicy(roomPolicy.parse({ direct: true, capacity: 9 }));
      expect(a.member.told()).toEqual(['room.updated']);
      expect(visitor.told()).toEqual(['room.updated']);
      expect(room.policy.capacity).toBe(9);
    });

    test('closing ends everybody, once', async () => {
      const { join, media, room } = start;
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

  describe('what the media plane says', () => {
    test('reaches whom it concerns', async () => {
      const { join, media } = start;
      const [a, b] = [await join('a'), await join('b')];
      a.member.told();
      media.events.demand('a', 'p', 1);
      media.events.consumerLayers('a', 'c', { spatialLayer: 2 });
      media.events.consumerLayers('gone', 'c', null);
      media.events.speakers('a', [{ memberId: 'a', level: -30 }]);
      expect(a.member.told()).toEqual(['producer.demand', 'consumer.layers', 'room.speakers']);
      expect(b.member.told()).toEqual(['room.speakers']);
    });

    test('ends a member who sends far too much', async () => {
      const { join, media } = start;
      const [a, b] = [await join('a'), await join('b')];
      media.events.flooded('a');
      media.events.flooded('gone');
      expect([a.member.ended, b.member.ended]).toEqual(['protocol-abuse', undefined]);
    });
  });

  describe('direct', () => {
    test('two are told to connect, after the join of the second was answered with what was', async () => {
      const { join, room } = start;
      room.setPolicy(roomPolicy.parse({ direct: true, capacity: 3 }));
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
