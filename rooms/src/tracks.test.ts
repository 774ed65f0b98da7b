import { beforeEach, describe, expect, test } from 'vitest';
import { camera, FakeMember, idle, startRoom, until } from './testing/index.ts';

describe('tracks of a room', () => {
  let start: Awaited<ReturnType<typeof startRoom>>;

  beforeEach(async () => {
    start = await startRoom();
  });

  describe('tracks', () => {
    test('a new track is told to the others, first itself, then its consumer', async () => {
      const { join, media, room } = start;
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
      const { join, joinWithCamera } = start;
      const a = await joinWithCamera('a');
      const b = await join('b');
      expect(b.snapshot.consumers).toMatchObject([{ producerId: a.producerId, memberId: 'a' }]);
      expect(b.snapshot.members[0]?.producers).toMatchObject([{ id: a.producerId, source: 'camera' }]);
      await idle();
      expect(b.member.told()).toEqual([]);
    });

    test('a track that comes up during a join is received by who joined', async () => {
      const { join, joinWithCamera, media, room } = start;
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
      const { join, media, room } = start;
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
      const { join, joinWithCamera, media, room } = start;
      const a = await joinWithCamera('a');
      const b = await join('b');
      room.tracks.close('a', a.producerId);
      expect(b.member.told()).toEqual(['producer.removed']);
      expect(media.producers.size).toBe(0);
    });

    test('a consumer that the media plane closes is told of', async () => {
      const { join, joinWithCamera, media } = start;
      await joinWithCamera('a');
      const b = await join('b');
      const [consumerId = ''] = b.snapshot.consumers.map(({ id }) => id);
      media.closeConsumer(consumerId);
      expect(b.member.events).toEqual([{ name: 'consumer.closed', data: { consumerId } }]);
    });

    test('muting is told and pauses; standby only pauses', async () => {
      const { join, joinWithCamera, media, room } = start;
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
      const { join, joinWithCamera, room } = start;
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
      const { join, room } = start;
      const { send } = await join('a');
      for (let n = 0; n < 8; n++) await room.tracks.create('a', camera(send));
      await expect(room.tracks.create('a', camera(send))).rejects.toMatchObject({ code: 'wrong-state' });
    });
  });

  describe('transports made ahead', () => {
    test('are those of the join', async () => {
      const { clock, media, room } = start;
      const visitor = new FakeMember('v');
      room.enter(visitor);
      const prepared = await room.tracks.prepare('v');
      const { transports } = await room.join(visitor, { codecs: [] });
      expect(transports).toEqual(prepared);
      clock.advance(300_000);
      expect(media.transports.get('v')).toEqual(prepared);
    });

    test('are closed after 120 s without a join, which can still come', async () => {
      const { clock, media, room } = start;
      const visitor = new FakeMember('v');
      room.enter(visitor);
      const prepared = await room.tracks.prepare('v');
      clock.advance(119_999);
      expect(media.transports.has('v')).toBe(true);
      clock.advance(1);
      expect(media.transports.has('v')).toBe(false);
      const { transports } = await room.join(visitor, { codecs: [] });
      expect(transports?.send.id).not.toBe(prepared.send.id);
    });
  });

  describe('a lost worker', () => {
    test('everybody moves, sends the same tracks again, and nobody sees a track come or go', async () => {
      const { joinWithCamera, media, room } = start;
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
      const { joinWithCamera, media, room } = start;
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
      const { media, room } = start;
      const visitor = new FakeMember('v');
      room.enter(visitor);
      await room.tracks.prepare('v');
      media.lose(['v']);
      await until(() => visitor.events.length === 1);
      expect(visitor.told()).toEqual(['media.moved']);
    });

    test('it tries again when the next worker is lost as well', async () => {
      const { clock, join, media } = start;
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
      const { clock, join, logger, media } = start;
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
});
