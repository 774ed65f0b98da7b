import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { joinInput, joinWith } from './support/cast.ts';
import { testWithServer } from './support/fixtures.ts';
import { camera, dtls, microphone, screen } from './support/rtp.ts';
import { hush, setScene } from './support/scene.ts';

const test = testWithServer();

/** After this long without anybody who looks at a layer, the publisher is told. */
const LOWER_MS = 2000;

describe('a join', () => {
  test('goes in one go with all that the person sends, where transports stand already', async ({ server, cast }) => {
    const room = await server.createRoom();
    const [alice] = await cast.gather(['Alice'], { room });
    const mine = await alice?.publishCamera();
    const bob = await cast.visit(room);
    const { transports } = await bob.call('media.prepare', {});
    const tracks = [microphone(transports.send.id), camera(transports.send.id)];

    const connected = [transports.send, transports.recv].map(({ id }) =>
      bob.call('transport.connect', { transportId: id, dtlsParameters: dtls() }),
    );
    const joined = bob.call('join', joinInput(bob, { name: 'Bob' }));
    const created = tracks.map((track) => bob.call('producer.create', track));
    const chatted = bob.call('chat.send', { text: 'hello' });
    const answer = await joined;
    expect(answer.transports).toEqual(transports);
    expect(answer.snapshot.consumers.map(({ producerId }) => producerId)).toEqual([mine]);
    // The answer shows the room as of the join, and nothing came before it that it does not show.
    expect(answer.snapshot.members[1]).toMatchObject({ id: bob.id, producers: [] });
    await Promise.all([...connected, ...created, chatted]);

    await alice?.caughtUp();
    const names = alice?.wire.inbox.rest((name) => name !== 'producer.demand' && name !== 'consumer.created');
    expect(names?.map(({ name }) => name)).toEqual([
      'member.joined',
      'producer.added',
      'producer.added',
      'chat.message',
    ]);
    for (const { producerId } of tracks) {
      await alice?.wire.take('consumer.created', ({ consumer }) => consumer.producerId === producerId);
    }
    expect((await alice?.sync())?.members[1]?.producers.map(({ id }) => id)).toEqual(
      tracks.map((track) => track.producerId),
    );
  });

  test('of many at once shows each of them every other', async ({ server, cast }) => {
    const room = await server.createRoom();
    const visitors = await Promise.all(Array.from({ length: 8 }, () => cast.visit(room)));
    const people = await Promise.all(
      visitors.map(async (visitor, n) => {
        const person = await joinWith(visitor, { name: `${n}` });
        await person.publishCamera();
        return person;
      }),
    );
    for (const person of people) {
      const known = new Set(person.snapshot.members.map(({ id }) => id));
      while (known.size < 8) known.add((await person.wire.take('member.joined')).member.id);
      const consumed = new Set(person.snapshot.consumers.map(({ producerId }) => producerId));
      while (consumed.size < 7) consumed.add((await person.wire.take('consumer.created')).consumer.producerId);
      await person.caughtUp();
      const names = person.wire.inbox.rest().map(({ name }) => name);
      // Nobody is told twice.
      expect(names.filter((name) => name === 'member.joined' || name === 'consumer.created')).toEqual([]);
    }
  });

  test('by somebody who can receive little gets that', async ({ server, cast }) => {
    const room = await server.createRoom();
    const [alice] = await cast.gather(['Alice'], { room });
    const voice = await alice?.publishMicrophone();
    await alice?.publishCamera();
    const visitor = await cast.visit(room);
    const { codecs = [], ...rest } = visitor.welcome.rtpCapabilities;
    const rtpCapabilities = { ...rest, codecs: codecs.filter(({ kind }) => kind === 'audio') };
    const { snapshot } = await visitor.call('join', { name: 'Phone', rtpCapabilities });
    expect(snapshot.consumers.map(({ producerId }) => producerId)).toEqual([voice]);
    expect(snapshot.members[0]?.producers).toHaveLength(2);
    const deaf = await cast.visit(room);
    const nothing = await deaf.call('join', { name: 'Deaf', rtpCapabilities: {} });
    expect(nothing.snapshot.consumers).toEqual([]);
  });

  test('prepared twice goes with the transports of the last time', async ({ server, cast }) => {
    const visitor = await cast.visit(await server.createRoom());
    const first = await visitor.call('media.prepare', {});
    const second = await visitor.call('media.prepare', {});
    expect(second.transports.send.id).not.toBe(first.transports.send.id);
    const connect = (transportId: string) => visitor.call('transport.connect', { transportId, dtlsParameters: dtls() });
    await expect(connect(first.transports.send.id)).rejects.toMatchObject({ code: 'not-found' });
    await connect(second.transports.send.id);
    expect((await joinWith(visitor)).transports).toEqual(second.transports);
  });
});

describe('a member', () => {
  test('sends at most eight tracks, and another when one has ended', async ({ cast }) => {
    const [alice, bob] = await cast.gather(['Alice', 'Bob']);
    const send = alice?.transports.send.id ?? '';
    const ids: string[] = [];
    for (let n = 0; n < 8; n++) ids.push((await alice?.publish(screen(send))) ?? '');
    await expect(alice?.publish(screen(send))).rejects.toMatchObject({ code: 'wrong-state' });
    await alice?.wire.call('producer.close', { producerId: ids[0] ?? '' });
    await alice?.publish(microphone(send));
    expect((await bob?.sync())?.members[0]?.producers).toHaveLength(8);
  });

  test('may take the id of a track in another room, and each keeps its own', async ({ server, cast }) => {
    // Both rooms are on the one worker, to which ids of tracks are of no meaning beyond their room.
    const { alice, bob, sam, samCamera, nora, consumers } = await setScene(server, cast, {});
    await alice.publish({ ...screen(alice.transports.send.id), producerId: samCamera });
    const { consumer } = await bob.wire.take('consumer.created');
    expect(consumer).toMatchObject({ producerId: samCamera, memberId: alice.id, type: 'simple' });
    expect(consumer.id).not.toBe(consumers.nora);
    await nora.caughtUp();
    expect(nora.wire.inbox.rest()).toEqual([]);

    await alice.wire.call('producer.close', { producerId: samCamera });
    expect(await bob.wire.take('producer.removed')).toEqual({ memberId: alice.id, producerId: samCamera });
    expect((await nora.sync()).consumers).toMatchObject([{ id: consumers.nora, producerId: samCamera }]);
    await sam.wire.call('producer.update', { producerId: samCamera, muted: true });
    expect(await nora.wire.take('producer.updated')).toMatchObject({ memberId: sam.id, producer: { muted: true } });
  });

  test('who leaves takes all tracks along', async ({ cast }) => {
    const [alice, bob] = await cast.gather(['Alice', 'Bob']);
    await alice?.publishCamera();
    await alice?.publishMicrophone();
    for (let n = 0; n < 2; n++) await bob?.wire.take('consumer.created');
    await alice?.wire.call('leave', {});
    await bob?.wire.take('member.left');
    expect(await bob?.sync()).toMatchObject({ members: [{ id: bob?.id }], consumers: [] });
    // `member.left` stands for the end of its tracks.
    expect(bob?.wire.inbox.rest().map(({ name }) => name)).toEqual(['producer.added', 'producer.added']);
  });
});

describe.concurrent('demand', () => {
  test('is nothing while nobody is there to look, and all as soon as somebody is', async ({ cast }) => {
    const [alice] = await cast.gather(['Alice']);
    const producerId = await alice?.publishCamera();
    expect(await alice?.wire.take('producer.demand')).toEqual({ producerId, maxSpatialLayer: -1 });
    await cast.join(alice?.snapshot.room.id ?? '');
    expect(await alice?.wire.take('producer.demand')).toEqual({ producerId, maxSpatialLayer: 2 });
  });

  test('is what the most demanding one looks at: more at once, less after a while', async ({ cast }) => {
    const [alice, bob, carol] = await cast.gather(['Alice', 'Bob', 'Carol']);
    if (!alice || !bob || !carol) throw new Error('not everybody came');
    const producerId = await alice.publishCamera();
    const looks = await Promise.all(
      [bob, carol].map(async ({ wire }) => {
        const { id } = (await wire.take('consumer.created')).consumer;
        await wire.call('consumer.ready', { consumerIds: [id] });
        return (change: object) => wire.call('consumer.update', { consumers: [{ id, ...change }] });
      }),
    );
    const [bobLooks, carolLooks] = looks;
    const next = async () =>
      (await alice.wire.take('producer.demand', (data) => data.producerId === producerId)).maxSpatialLayer;

    await bobLooks?.({ spatialLayer: 0 });
    await carolLooks?.({ spatialLayer: 1 });
    expect(await next()).toBe(1);
    const raisedAt = performance.now();
    await bobLooks?.({ spatialLayer: 2 });
    expect(await next()).toBe(2);
    expect(performance.now() - raisedAt).toBeLessThan(LOWER_MS / 2);
    await bobLooks?.({ paused: true });
    expect(await next()).toBe(1);
    await carol.wire.call('leave', {});
    expect(await next()).toBe(-1);
    await bobLooks?.({ paused: false });
    expect(await next()).toBe(2);
  });

  test('is not touched by what is said of other people’s consumers', async ({ server, cast }) => {
    const scene = await setScene(server, cast, {});
    const { alice, aliceCamera, bob, bobCamera, sam, samCamera, consumers } = scene;
    await hush(scene);
    const ids = [consumers.alice, consumers.bob, consumers.nora, randomUUID()];
    await alice.wire.call('consumer.update', { consumers: ids.map((id) => ({ id, paused: true })) });
    // Her own, of Bob's camera, is paused; if Bob's or Nora's were, Alice and Sam would have been told at the same time.
    expect(await bob.wire.take('producer.demand')).toEqual({ producerId: bobCamera, maxSpatialLayer: -1 });
    await sleep(100);
    await Promise.all([alice.caughtUp(), sam.caughtUp()]);
    const told = [alice, sam].flatMap(({ wire }) => wire.inbox.rest((name) => name === 'producer.demand'));
    expect(told.filter(({ data }) => [aliceCamera, samCamera].includes((data as never)['producerId']))).toEqual([]);
  });
});

test('what is sent is what the protocol declares, and nothing beside it', async ({ server, cast }) => {
  const { alice, bob } = await setScene(server, cast, {});
  await alice.publishMicrophone();
  await bob.wire.take('consumer.created');
  await alice.wire.call('transport.restartIce', { transportId: alice.transports.send.id });
  expect(cast.undeclared).toEqual([]);
});
