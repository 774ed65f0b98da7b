import { randomInt, randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RoomMedia } from '@amphi/rooms';
import { afterEach, expect, it, onTestFinished } from 'vitest';
import type { AmphiMediaPlane } from './plane.ts';
import { dtls, vp8 } from './rtp-testing.ts';
import { planeOptions, recordEvents, startPlane, until } from './testing.ts';
import { createMediaPlane } from './plane.ts';

let plane: AmphiMediaPlane | undefined;
afterEach(async () => {
  await plane?.close();
  plane = undefined;
});

async function enter(of: AmphiMediaPlane, room: RoomMedia, memberId: string): Promise<number> {
  const { send } = await room.createTransports(memberId);
  room.setCapabilities(memberId, of.rtpCapabilities);
  await room.connectTransport(memberId, send.id, dtls());
  return send.iceCandidates[0]?.port ?? 0;
}

async function publish(room: RoomMedia, memberId: string, producerId: string = randomUUID()): Promise<string> {
  const transportId = room.transportsOf(memberId)?.send.id ?? '';
  await room.createProducer(memberId, {
    transportId,
    producerId,
    source: 'camera',
    kind: 'video',
    rtpParameters: vp8(3),
    paused: false,
  });
  return producerId;
}

async function kill(of: AmphiMediaPlane, port: number | undefined): Promise<number> {
  const worker = (await of.stats()).workers.find((each) => each.port === port);
  if (worker === undefined) throw new Error(`no worker on port ${port}`);
  process.kill(worker.pid, 'SIGKILL');
  return worker.pid;
}

it('moves the rooms of a killed worker within 3 seconds; the others notice nothing', async () => {
  plane = await startPlane();
  const [hit, spared] = [recordEvents(), recordEvents()];
  const [room, other] = [await plane.createRoom('hit', hit), await plane.createRoom('spared', spared)];
  const port = await enter(plane, room, 'a');
  await enter(plane, room, 'b');
  expect(await enter(plane, other, 'x')).not.toBe(port);
  await enter(plane, other, 'y');
  const [lost, kept] = [await publish(room, 'a'), await publish(other, 'x')];
  await room.consume('b', lost);
  const keptConsumer = await other.consume('y', kept);

  const pid = await kill(plane, port);
  const movedAfter = await until(() => hit.calls.moved.length > 0, 3000);
  expect(movedAfter).toBeLessThan(1000);
  expect(hit.calls.moved).toEqual([[['a', 'b']]]);
  expect(hit.calls.consumerClosed).toEqual([]);
  expect(room.hasProducer(lost)).toBe(false);
  expect(room.transportsOf('a')).toBeUndefined();
  expect(room.consumersOf('b')).toEqual([]);

  // The room goes on with the same ids, and on the same port.
  expect(await enter(plane, room, 'a')).toBe(port);
  await enter(plane, room, 'b');
  await publish(room, 'a', lost);
  expect(await room.consume('b', lost)).toMatchObject({ producerId: lost });

  expect(other.hasProducer(kept)).toBe(true);
  expect(other.consumersOf('y')).toEqual([keptConsumer]);
  await other.startConsumers('y', [keptConsumer?.id ?? '']);
  expect(spared.calls).toMatchObject({ moved: [], consumerClosed: [], alive: [] });
  const stats = await plane.stats();
  expect(stats.workersLost).toBe(1);
  expect(stats.workers).toHaveLength(2);
  expect(stats.workers.map((worker) => worker.pid)).not.toContain(pid);
});

it('moves only those who were on the killed worker of a room over two', async () => {
  plane = await startPlane({ membersPerRouter: 1 });
  const events = recordEvents();
  const room = await plane.createRoom('wide', events);
  const home = await enter(plane, room, 'a');
  await enter(plane, room, 'b');
  const [fromA, fromB] = [await publish(room, 'a'), await publish(room, 'b')];
  const atB = await room.consume('b', fromA);
  await room.consume('a', fromB);

  await kill(plane, home);
  await until(() => events.calls.moved.length > 0, 3000);
  expect(events.calls.moved).toEqual([[['a']]]);
  expect(events.calls.consumerClosed).toEqual([['b', atB?.id]]);
  expect(room.hasProducer(fromB)).toBe(true);
  expect(room.consumersOf('b')).toEqual([]);

  await enter(plane, room, 'a');
  await publish(room, 'a', fromA);
  expect(await room.consume('b', fromA)).toBeDefined();
  expect(await room.consume('a', fromB)).toBeDefined();
});

it('answers media-unavailable while there is no worker, and moves a room that had nowhere to go', async () => {
  plane = await startPlane({ workers: 1 });
  const events = recordEvents();
  const room = await plane.createRoom('alone', events);
  const port = await enter(plane, room, 'a');
  await kill(plane, port);
  const failures: unknown[] = [];
  await until(async () => {
    await room.createTransports('b').catch((error: unknown) => failures.push(error));
    return events.calls.moved.length > 0;
  }, 3000);
  for (const failure of failures) expect(failure).toMatchObject({ code: 'media-unavailable', retryAfterMs: 500 });
  expect(failures.length).toBeGreaterThan(0);
  expect(events.calls.moved[0]?.[0]).toContain('a');
  await enter(plane, room, 'a');
});

it('takes a worker that dies again and again more slowly, and goes on elsewhere meanwhile', async () => {
  plane = await startPlane();
  const events = recordEvents();
  const room = await plane.createRoom('unlucky', events);
  const port = await enter(plane, room, 'a');
  await kill(plane, port);
  await until(() => events.calls.moved.length === 1, 3000);
  await enter(plane, room, 'a');
  await kill(plane, port);
  await until(() => events.calls.moved.length === 2, 3000);
  expect(await enter(plane, room, 'a')).not.toBe(port);
  await until(async () => (await plane?.stats())?.workers.length === 2, 3000);
});

it.each(['home', 'other'])('lets go of everything that is under way when the %s worker dies', async (which) => {
  const unhandled: unknown[] = [];
  const listen = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', listen);
  onTestFinished(() => void process.off('unhandledRejection', listen));
  plane = await startPlane({ membersPerRouter: 2 });
  const events = recordEvents();
  const room = await plane.createRoom('busy', events);
  const home = await enter(plane, room, 'a');
  await enter(plane, room, 'b');
  const other = await enter(plane, room, 'c');
  await enter(plane, room, 'd');
  const producerId = await publish(room, 'a');
  const consumer = await room.consume('c', producerId);
  // Paused to and fro, so that a pause is being forwarded through the pipe whenever it happens.
  const toggling = (async () => {
    for (let n = 0; events.calls.moved.length === 0 && room.hasProducer(producerId); n++) {
      await room.setProducerPaused(producerId, n % 2 === 0);
    }
  })();
  const under = [
    toggling,
    kill(plane, which === 'home' ? home : other),
    ...['a', 'b', 'c'].map((memberId) => publish(room, memberId)),
    ...['b', 'c', 'd'].map((memberId) => room.consume(memberId, producerId)),
    room.createTransports('e'),
    room.startConsumers('c', [consumer?.id ?? '']),
    room.restartIce('a', room.transportsOf('a')?.send.id ?? ''),
  ];
  for (const result of await Promise.allSettled(under)) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ name: 'AmphiError' });
  }
  await until(() => events.calls.moved.length > 0, 3000);
  await sleep(50);
  expect(unhandled).toEqual([]);
});

it('names the port and the key when a port is taken', async () => {
  const port = randomInt(31_000, 32_700);
  const server = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void server.close());
  await until(() => server.listening);
  await expect(startPlane({ workers: 1, basePort: port })).rejects.toThrow(
    `Port ${port} (UDP and TCP) on 127.0.0.1 is taken: free it or set media.port to another one.`,
  );
  await expect(startPlane({ workers: 2, basePort: port - 1 })).rejects.toThrow(/media\.port \+ 1/);
});

it('names the key when the address or the binary is wrong', async () => {
  await expect(startPlane({ listenIp: '192.0.2.77' })).rejects.toThrow(/media\.listenIp/);
  await expect(startPlane({ listenIp: '0.0.0.0' })).rejects.toThrow(/media\.announced/);
  await expect(createMediaPlane(planeOptions({ workerBin: '/nonexistent' }))).rejects.toThrow(/media\.workerBin/);
});

it('announces all addresses of the host on the same port', async () => {
  const addresses = ['192.0.2.1', 'media.example.org'];
  plane = await startPlane({ workers: 1, listenIp: '0.0.0.0', announcedAddresses: addresses });
  const room = await plane.createRoom('r', recordEvents());
  const { recv } = await room.createTransports('a');
  expect(recv.iceCandidates.map(({ address, protocol }) => `${protocol} ${address}`)).toEqual([
    'udp 192.0.2.1',
    'tcp 192.0.2.1',
    'udp media.example.org',
    'tcp media.example.org',
  ]);
  expect(new Set(recv.iceCandidates.map(({ port }) => port)).size).toBe(1);
});

it('spreads rooms over the workers', async () => {
  plane = await startPlane();
  const rooms: RoomMedia[] = [];
  for (let n = 0; n < 4; n++) rooms.push(await plane.createRoom(`r${n}`, recordEvents()));
  expect((await plane.stats()).workers.map(({ routers }) => routers)).toEqual([2, 2]);
  for (const room of rooms) room.close();
  // Whoever is there counts more than how many rooms there are.
  const busy = await plane.createRoom('busy', recordEvents());
  const port = await enter(plane, busy, 'a');
  await enter(plane, busy, 'b');
  const next = [await plane.createRoom('n1', recordEvents()), await plane.createRoom('n2', recordEvents())];
  for (const room of next) expect(await enter(plane, room, 'a')).not.toBe(port);
});

it('keeps its workers when this process is asked to stop, so that it can drain', async () => {
  plane = await startPlane({ workers: 1 });
  const ignore = (): void => {};
  process.on('SIGTERM', ignore);
  onTestFinished(() => void process.off('SIGTERM', ignore));
  process.kill(process.pid, 'SIGTERM');
  await sleep(100);
  const room = await plane.createRoom('r', recordEvents());
  await room.createTransports('a');
  expect(room.hasProducer(await publish(room, 'a'))).toBe(true);
  expect((await plane.stats()).workersLost).toBe(0);
});

it('frees its ports when it is closed', async () => {
  const options = planeOptions();
  for (let n = 0; n < 3; n++) {
    const next = await createMediaPlane(options);
    await next.close();
    await next.close();
    await expect(next.createRoom('late', recordEvents())).rejects.toMatchObject({ code: 'media-unavailable' });
  }
});
