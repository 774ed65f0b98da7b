import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import type { Person } from './support/cast.ts';
import { testWithServerEach } from './support/fixtures.ts';
import { camera, dtls } from './support/rtp.ts';
import type { TestServer } from './support/server.ts';
import { killWorker, workerOn } from './support/workers.ts';

/** Everybody has media again within this time, of which ICE and DTLS of the clients need some. */
const MOVED_MS = 1500;

const test = testWithServerEach({ media: { workers: 2 } });

const portOf = (person: Person) => person.transports.send.iceCandidates[0]?.port ?? 0;

/** Only the loss itself is in the log. */
function expectNoOtherErrors({ errors }: TestServer): void {
  expect(errors.filter((line) => !line.startsWith('A media worker ended'))).toEqual([]);
}

describe('a killed worker', () => {
  test('moves the people of its rooms, and nobody else notices', async ({ server, cast }) => {
    const [alice, bob] = await cast.gather(['Alice', 'Bob']);
    const [sam, nora] = await cast.gather(['Sam', 'Nora']);
    if (!alice || !bob || !sam || !nora) throw new Error('not everybody came');
    expect(portOf(alice), 'the rooms are on different workers').not.toBe(portOf(sam));
    const room = alice.snapshot.room.id;
    const [warm, cold] = [await cast.visit(room), await cast.visit(room)];
    const prepared = await warm.call('media.prepare', {});
    const cameraId = await alice.publishCamera();
    const old = await bob.wire.take('consumer.created');
    await sam.publishCamera();
    await nora.wire.take('consumer.created');
    for (const { wire } of [alice, bob, sam, nora]) wire.inbox.clear();

    const survivor = workerOn(portOf(sam));
    killWorker(portOf(alice));
    const killedAt = performance.now();
    const moves = await Promise.all([alice.wire, bob.wire, warm].map((wire) => wire.take('media.moved')));
    expect(performance.now() - killedAt).toBeLessThan(MOVED_MS);
    const [toAlice, toBob, toWarm] = moves;
    for (const [move, before] of [
      [toAlice, alice.transports],
      [toBob, bob.transports],
      [toWarm, prepared.transports],
    ] as const) {
      expect(move?.consumers, 'nobody sends yet').toEqual([]);
      expect(move?.transports.send.id).not.toBe(before.send.id);
    }

    // All as before: connect, send the same track again, receive it. Who is in the room has not changed.
    const send = toAlice?.transports.send.id ?? '';
    await alice.wire.call('transport.connect', { transportId: send, dtlsParameters: dtls() });
    await expect(alice.publish({ ...camera(alice.transports.send.id), producerId: cameraId })).rejects.toMatchObject({
      code: 'not-found',
    });
    await alice.publish({ ...camera(send), producerId: cameraId });
    expect(await bob.wire.take('producer.updated')).toMatchObject({ memberId: alice.id, producer: { id: cameraId } });
    const { consumer } = await bob.wire.take('consumer.created');
    expect(consumer).toMatchObject({ producerId: cameraId, memberId: alice.id });
    expect(consumer.id).not.toBe(old.consumer.id);
    await bob.wire.call('consumer.ready', { consumerIds: [consumer.id] });
    expect(await bob.sync()).toMatchObject({
      members: [{ id: alice.id, producers: [{ id: cameraId }] }, { id: bob.id }],
      consumers: [{ id: consumer.id }],
    });
    expect(bob.wire.inbox.rest()).toEqual([]);

    // Who had nothing there has nothing to move, and joins as if nothing had been.
    await cold.call('session.ping', {});
    expect(cold.inbox.rest()).toEqual([]);
    const joined = await warm.call('join', { name: 'Vera', rtpCapabilities: warm.welcome.rtpCapabilities });
    expect(joined.transports).toEqual(toWarm?.transports);
    expect(joined.snapshot.consumers).toMatchObject([{ producerId: cameraId }]);

    // The other room noticed nothing.
    await sam.publishMicrophone();
    await nora.wire.take('consumer.created');
    await sam.wire.call('transport.restartIce', { transportId: sam.transports.send.id });
    expect([...sam.wire.inbox.rest(), ...nora.wire.inbox.rest()].map(({ name }) => name)).toEqual(['producer.added']);
    expect(workerOn(portOf(sam))).toBe(survivor);
    expectNoOtherErrors(server);
  });

  test('lets requests of the time between be answered with when to try again', async ({ server, cast }) => {
    const [alice] = await cast.gather(['Alice', 'Bob']);
    if (!alice) throw new Error('nobody came');
    killWorker(portOf(alice));
    const codes = new Set<string>();
    // Sent before and while the loss is noticed, until the new transports are there.
    const moved = alice.wire.take('media.moved').then(() => codes.add('moved'));
    while (!codes.has('moved')) {
      const answer = await alice.wire.send('transport.restartIce', { transportId: alice.transports.recv.id });
      // Within what may be refused before the session ends.
      await sleep(10);
      if (answer.ok) continue;
      codes.add(answer.error.code);
      if (answer.error.code === 'media-unavailable') expect(answer.error.retryAfterMs).toBeGreaterThan(0);
    }
    await moved;
    expect(
      [...codes].filter((code) => !['moved', 'media-unavailable', 'not-found', 'rate-limited'].includes(code)),
    ).toEqual([]);
    expectNoOtherErrors(server);
  });

  test('moves those who are away to what they find when they come back', async ({ server, cast }) => {
    const [alice, bob] = await cast.gather(['Alice', 'Bob']);
    if (!alice || !bob) throw new Error('not everybody came');
    await bob.wire.drop();
    killWorker(portOf(alice));
    await alice.wire.take('media.moved');
    await bob.wire.resume();
    const { transports } = await bob.wire.take('media.moved');
    await bob.wire.call('transport.connect', { transportId: transports.recv.id, dtlsParameters: dtls() });
    expectNoOtherErrors(server);
  });

  test('may be killed again', async ({ server, cast }) => {
    const [alice, bob] = await cast.gather(['Alice', 'Bob']);
    if (!alice || !bob) throw new Error('not everybody came');
    let { transports } = alice;
    for (let n = 0; n < 3; n++) {
      killWorker(transports.send.iceCandidates[0]?.port ?? 0);
      ({ transports } = await alice.wire.take('media.moved'));
      const track = camera(transports.send.id);
      await alice.publish(track);
      await bob.wire.take('consumer.created', ({ consumer }) => consumer.producerId === track.producerId);
    }
    expectNoOtherErrors(server);
  });
});

describe('a room over two workers', () => {
  test.override('overrides', { media: { workers: 2, membersPerRouter: 1 } });

  test('is one room', async ({ cast, server }) => {
    const [alice, bob, carol] = await cast.gather(['Alice', 'Bob', 'Carol']);
    if (!alice || !bob || !carol) throw new Error('not everybody came');
    expect(new Set([alice, bob, carol].map(portOf)).size).toBe(2);
    for (const sender of [alice, bob, carol]) {
      const producerId = await sender.publishCamera();
      for (const receiver of [alice, bob, carol].filter((person) => person !== sender)) {
        const { consumer } = await receiver.wire.take('consumer.created');
        expect(consumer).toMatchObject({ producerId, memberId: sender.id, type: 'simulcast' });
      }
    }

    // One of the two is lost: those on it move, the others stay, and all receive each other again.
    for (const { wire } of [alice, bob, carol]) wire.inbox.clear();
    const [stays, moves] = [alice, bob];
    killWorker(portOf(moves));
    const { transports, consumers } = await moves.wire.take('media.moved');
    expect(consumers.map(({ memberId }) => memberId)).toContain(stays.id);
    await stays.wire.take('consumer.closed');
    const track = camera(transports.send.id);
    await moves.publish(track);
    await stays.wire.take('consumer.created', ({ consumer }) => consumer.producerId === track.producerId);
    await stays.caughtUp();
    expect(stays.wire.inbox.rest((name) => name === 'media.moved')).toEqual([]);
    await stays.wire.call('transport.restartIce', { transportId: stays.transports.send.id });
    expectNoOtherErrors(server);
  });
});
