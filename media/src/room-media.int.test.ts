import { randomUUID } from 'node:crypto';
import type { TransportPair } from '@amphi/protocol';
import type { RoomMedia } from '@amphi/rooms';
import { observer } from 'mediasoup';
import type { types } from 'mediasoup';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AmphiMediaPlane } from './plane.ts';
import { MAX_PRODUCERS_PER_MEMBER } from './room-producers.ts';
import { dtls, opus, vp8 } from './rtp-testing.ts';
import { recordEvents, startPlane, until } from './testing.ts';

/** What the worker really has, seen through mediasoup's own observers. */
const consumers = new Map<string, types.Consumer>();
const pipeProducers: types.Producer[] = [];

let plane: AmphiMediaPlane;
let room: RoomMedia;
let events: ReturnType<typeof recordEvents>;

beforeAll(async () => {
  observer.on('newworker', (worker) =>
    worker.observer.on('newrouter', (router) =>
      router.observer.on('newtransport', (transport) => {
        transport.observer.on('newconsumer', (consumer) => consumers.set(consumer.id, consumer));
        transport.observer.on('newproducer', (producer) => {
          if (transport.type === 'pipe') pipeProducers.push(producer);
        });
      }),
    ),
  );
  plane = await startPlane({ membersPerRouter: 2 });
});
afterAll(() => plane.close());

beforeEach(async () => {
  consumers.clear();
  pipeProducers.length = 0;
  events = recordEvents();
  room = await plane.createRoom('room', events);
});
afterEach(() => room.close());

async function enter(memberId: string): Promise<TransportPair> {
  const transports = await room.createTransports(memberId);
  room.setCapabilities(memberId, plane.rtpCapabilities);
  return transports;
}

const VIDEO_LAYERS = { camera: 3, screen: 2 };

/** Sends a camera with three layers, or what else is said; answers the producer's id. */
async function publish(memberId: string, source: 'camera' | 'screen' | 'microphone' = 'camera'): Promise<string> {
  const producerId = randomUUID();
  const transportId = room.transportsOf(memberId)?.send.id ?? '';
  const rtpParameters = source === 'microphone' ? opus() : vp8(VIDEO_LAYERS[source]);
  const kind = source === 'microphone' ? 'audio' : 'video';
  await room.createProducer(memberId, { transportId, producerId, source, kind, rtpParameters, paused: false });
  return producerId;
}

const consumerOf = (id: string | undefined): types.Consumer => consumers.get(id ?? '') as types.Consumer;

describe('transports', () => {
  it('offers UDP and TCP on one port, UDP first', async () => {
    const { send, recv } = await enter('a');
    for (const { iceCandidates } of [send, recv]) {
      expect(iceCandidates.map(({ protocol }) => protocol)).toEqual(['udp', 'tcp']);
      expect(new Set(iceCandidates.map(({ port }) => port)).size).toBe(1);
      expect(iceCandidates[0]?.priority).toBeGreaterThan(iceCandidates[1]?.priority ?? 0);
    }
    expect(send.sctpParameters.maxReceiveMessageSize).toBeLessThanOrEqual(1024);
    expect(room.transportsOf('a')).toEqual({ send, recv });
    expect(room.transportsOf('b')).toBeUndefined();
  });

  it('connects once, however often it is asked', async () => {
    const { send, recv } = await enter('a');
    await Promise.all([room.connectTransport('a', send.id, dtls()), room.connectTransport('a', send.id, dtls())]);
    await room.connectTransport('a', send.id, dtls('ab'));
    await expect(room.connectTransport('a', send.id, dtls('CD'))).rejects.toMatchObject({ code: 'wrong-state' });
    await room.connectTransport('a', recv.id, dtls('CD'));
    expect(room.transportsOf('a')?.send.dtlsParameters.role).toBe('auto');
  });

  it('refuses what is not there, and parameters that cannot be', async () => {
    const { send } = await enter('a');
    await enter('b');
    await expect(room.connectTransport('b', send.id, dtls())).rejects.toMatchObject({ code: 'not-found' });
    await expect(room.connectTransport('nobody', send.id, dtls())).rejects.toMatchObject({ code: 'not-found' });
    await expect(room.connectTransport('a', send.id, { fingerprints: [] })).rejects.toMatchObject({
      code: 'bad-request',
    });
    await room.connectTransport('a', send.id, dtls());
  });

  it('restarts ICE on the same transport', async () => {
    const { send } = await enter('a');
    const restarted = await room.restartIce('a', send.id);
    expect(restarted.usernameFragment).not.toBe(send.iceParameters.usernameFragment);
    expect(room.transportsOf('a')?.send.iceParameters).toEqual(restarted);
    expect(room.transportsOf('a')?.send.id).toBe(send.id);
  });

  it('closes the earlier pair when asked for another', async () => {
    await enter('a');
    await enter('b');
    const producerId = await publish('a');
    const consumer = await room.consume('b', producerId);
    const before = room.transportsOf('a');
    const after = await room.createTransports('a');
    expect(after.send.id).not.toBe(before?.send.id);
    expect(room.hasProducer(producerId)).toBe(false);
    expect(events.calls.consumerClosed).toEqual([['b', consumer?.id]]);
  });

  it('tells the overtaken one of two calls, or a member who left meanwhile', async () => {
    const calls = await Promise.allSettled([room.createTransports('a'), room.createTransports('a')]);
    expect(calls[0]).toMatchObject({ status: 'rejected', reason: { code: 'wrong-state' } });
    expect(calls[1]).toMatchObject({ status: 'fulfilled', value: room.transportsOf('a') });
    const leaving = room.createTransports('b');
    room.removeMember('b');
    await expect(leaving).rejects.toMatchObject({ code: 'wrong-state' });
    expect((await plane.stats()).workers.reduce((sum, { transports }) => sum + transports, 0)).toBe(2);
  });
});

describe('producers', () => {
  it('counts the layers', async () => {
    const { send } = await enter('a');
    const base = { transportId: send.id, source: 'camera', kind: 'video', paused: false } as const;
    const create = (layers: number): Promise<{ spatialLayers: number }> =>
      room.createProducer('a', { ...base, producerId: randomUUID(), rtpParameters: vp8(layers) });
    expect(await create(3)).toEqual({ spatialLayers: 3 });
    expect(await create(1)).toEqual({ spatialLayers: 1 });
    await expect(create(4)).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('refuses parameters that the worker or mediasoup does not take', async () => {
    const { send, recv } = await enter('a');
    const good = {
      transportId: send.id,
      producerId: randomUUID(),
      source: 'camera',
      kind: 'video',
      paused: false,
    } as const;
    const taken = 1234;
    await room.createProducer('a', { ...good, producerId: randomUUID(), rtpParameters: vp8(1, taken) });
    const unknown = { ...vp8(1), codecs: [{ mimeType: 'video/H265', payloadType: 96, clockRate: 90_000 }] };
    const strayRtx = {
      ...vp8(1),
      codecs: [{ mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 9 } }],
    };
    for (const rtpParameters of [unknown, strayRtx, opus(), vp8(1, taken)]) {
      await expect(room.createProducer('a', { ...good, rtpParameters })).rejects.toMatchObject({ code: 'bad-request' });
      expect(room.hasProducer(good.producerId)).toBe(false);
    }
    await expect(
      room.createProducer('a', { ...good, transportId: recv.id, rtpParameters: vp8(1) }),
    ).rejects.toMatchObject({ code: 'not-found' });
    // None of the refused ones is in the way.
    await room.createProducer('a', { ...good, rtpParameters: vp8(1) });
    expect(room.hasProducer(good.producerId)).toBe(true);
  });

  it('refuses an id that is taken, by whomever, and more than a member may have', async () => {
    const { send } = await enter('a');
    await enter('b');
    const producerId = await publish('b');
    const options = { transportId: send.id, producerId, source: 'microphone', kind: 'audio', paused: false } as const;
    await expect(room.createProducer('a', { ...options, rtpParameters: opus() })).rejects.toMatchObject({
      code: 'wrong-state',
    });
    for (let n = 0; n < MAX_PRODUCERS_PER_MEMBER; n++) await publish('a', 'microphone');
    await expect(publish('a', 'microphone')).rejects.toMatchObject({ code: 'wrong-state' });
    await publish('b', 'microphone');
  });

  it('can be made anew with the same id', async () => {
    const { send } = await enter('a');
    const options = { transportId: send.id, source: 'camera', kind: 'video', paused: false } as const;
    const producerId = randomUUID();
    for (let n = 0; n < 3; n++) {
      await room.createProducer('a', { ...options, producerId, rtpParameters: vp8(3) });
      room.closeProducer(producerId);
      room.closeProducer(producerId);
    }
    expect(room.hasProducer(producerId)).toBe(false);
    await expect(room.setProducerPaused(producerId, true)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('consumers', () => {
  it('makes one per member and producer, paused', async () => {
    await enter('a');
    await enter('b');
    const producerId = await publish('a');
    const [first, second] = await Promise.all([room.consume('b', producerId), room.consume('b', producerId)]);
    const third = await room.consume('b', producerId);
    expect(first).toEqual(second);
    expect(third).toEqual(first);
    expect(room.consumersOf('b')).toEqual([first]);
    expect(first).toMatchObject({ producerId, memberId: 'a', kind: 'video', type: 'simulcast' });
    expect(consumers.size).toBe(1);
    expect(consumerOf(first?.id).paused).toBe(true);
    await until(() => consumerOf(first?.id).priority === 100);
  });

  it('answers undefined to whom cannot receive it', async () => {
    await enter('a');
    const producerId = await publish('a');
    expect(await room.consume('nobody', producerId)).toBeUndefined();
    await room.createTransports('b');
    expect(await room.consume('b', producerId)).toBeUndefined();
    room.setCapabilities('b', { codecs: [], headerExtensions: [] });
    expect(await room.consume('b', producerId)).toBeUndefined();
    room.setCapabilities('b', plane.rtpCapabilities);
    expect(await room.consume('b', producerId)).toBeDefined();
    expect(await room.consume('b', randomUUID())).toBeUndefined();
  });

  it('sends Opus with NACK', async () => {
    await enter('a');
    await enter('b');
    const consumer = await room.consume('b', await publish('a', 'microphone'));
    const codec = consumer?.rtpParameters.codecs[0];
    expect(codec?.rtcpFeedback).toContainEqual(expect.objectContaining({ type: 'nack' }));
    expect(codec?.parameters).toMatchObject({ useinbandfec: 1 });
  });

  it('starts those that are ready, and tells the worker only what changes', async () => {
    await enter('a');
    await enter('b');
    const camera = await room.consume('b', await publish('a'));
    const screen = await room.consume('b', await publish('a', 'screen'));
    const id = camera?.id ?? '';
    await room.updateConsumers('b', [
      { id, paused: true, spatialLayer: 1, temporalLayer: 0 },
      { id: screen?.id ?? '', spatialLayer: 0 },
      { id: 'unknown', paused: true },
    ]);
    await room.startConsumers('b', [id, screen?.id ?? '', 'unknown']);
    await room.startConsumers('b', [screen?.id ?? '']);
    expect(consumerOf(screen?.id)).toMatchObject({ paused: false, priority: 200 });
    expect(consumerOf(id)).toMatchObject({ paused: true, preferredLayers: { spatialLayer: 1, temporalLayer: 0 } });
    await room.updateConsumers('b', [{ id, paused: false, spatialLayer: 2, priority: 150 }]);
    expect(consumerOf(id)).toMatchObject({
      paused: false,
      priority: 150,
      preferredLayers: { spatialLayer: 2, temporalLayer: 0 },
    });
    await room.updateConsumers('b', [{ id, paused: true }]);
    expect(consumerOf(id).paused).toBe(true);
  });

  describe('of a member who measures its link', () => {
    /** A camera and a screen, whose consumers start one by one. */
    const started = async (memberId: string, downlinkBps: number | null): Promise<types.Consumer[]> => {
      for (const id of ['a', memberId]) if (room.transportsOf(id) === undefined) await enter(id);
      const ids = [await publish('a'), await publish('a', 'screen')];
      const made = await Promise.all(ids.map((id) => room.consume(memberId, id)));
      room.expectDownlink(memberId, downlinkBps);
      for (const consumer of made) await room.startConsumers(memberId, [consumer?.id ?? '']);
      return made.map((consumer) => consumerOf(consumer?.id));
    };
    const layersOf = (all: types.Consumer[]) => all.map((each) => each.preferredLayers?.spatialLayer).join();

    it('begin with what there is room for', async () => {
      const thin = await started('b', 150_000);
      await until(() => layersOf(thin) === '2,0');
      expect(thin.map(({ paused }) => paused)).toEqual([true, false]);
      const wide = await started('c', 3_000_000);
      expect([layersOf(wide), ...wide.map(({ paused }) => paused)]).toEqual(['2,1', false, false]);
    });

    it('begin with the lowest layers before it is said what came of it, for a while', async () => {
      const [wide, thin, silent] = [await started('b', null), await started('c', null), await started('d', null)];
      for (const each of [wide, thin, silent]) await until(() => layersOf(each) === '0,0');
      room.expectDownlink('b', 3_000_000);
      await until(() => layersOf(wide) === '2,1');
      room.expectDownlink('c', 150_000);
      await until(() => thin[0]?.paused === true);
      expect(layersOf(thin)).toBe('2,0');
      await until(() => layersOf(silent) === '2,1', 10_000);
    });
  });

  it('goes silently with a producer that was closed, or a member who left', async () => {
    for (const memberId of ['a', 'b', 'c']) await enter(memberId);
    const [one, two] = [await publish('a'), await publish('b')];
    for (const producerId of [one, two]) await room.consume('c', producerId);
    room.closeProducer(one);
    expect(room.consumersOf('c').map(({ producerId }) => producerId)).toEqual([two]);
    room.removeMember('b');
    expect(room.consumersOf('c')).toEqual([]);
    await until(() => [...consumers.values()].every(({ closed }) => closed));
    expect(events.calls.consumerClosed).toEqual([]);
  });

  it('says what the publisher need not send', async () => {
    for (const memberId of ['a', 'b', 'c']) await enter(memberId);
    const producerId = await publish('a');
    const ids = [await room.consume('b', producerId), await room.consume('c', producerId)].map(
      (info) => info?.id ?? '',
    );
    await room.updateConsumers('b', [{ id: ids[0] ?? '', spatialLayer: 1 }]);
    await room.updateConsumers('c', [{ id: ids[1] ?? '', spatialLayer: 0 }]);
    await until(() => events.calls.demand.length === 1);
    await room.updateConsumers('c', [{ id: ids[1] ?? '', spatialLayer: 2 }]);
    expect(events.calls.demand).toEqual([
      ['a', producerId, 1],
      ['a', producerId, 2],
    ]);
    room.removeMember('c');
    await room.updateConsumers('b', [{ id: ids[0] ?? '', paused: true }]);
    await until(() => events.calls.demand.length === 3);
    expect(events.calls.demand[2]).toEqual(['a', producerId, -1]);
  });
});

describe('a room over two workers', () => {
  it('places members beyond the limit on the other worker and pipes what they receive, once', async () => {
    const ports = [];
    for (const memberId of ['a', 'b', 'c', 'd']) ports.push((await enter(memberId)).send.iceCandidates[0]?.port);
    expect(ports[0]).toBe(ports[1]);
    expect(ports[2]).toBe(ports[3]);
    expect(ports[2]).not.toBe(ports[0]);

    const producerId = await publish('a');
    const infos = await Promise.all(['b', 'c', 'd'].map((memberId) => room.consume(memberId, producerId)));
    expect(infos.map((info) => info?.type)).toEqual(['simulcast', 'simulcast', 'simulcast']);
    expect(infos.map((info) => info?.memberId)).toEqual(['a', 'a', 'a']);
    expect(pipeProducers).toHaveLength(1);
    expect(pipeProducers[0]?.appData).toEqual({ memberId: 'a', source: 'camera' });
    expect(pipeProducers[0]?.rtpParameters.encodings).toHaveLength(3);
    expect(pipeProducers[0]?.rtpParameters.codecs.map(({ mimeType }) => mimeType)).toContain('video/rtx');

    // Pausing goes through the pipe, and so does the demand of those behind it.
    await room.setProducerPaused(producerId, true);
    await until(() => pipeProducers[0]?.paused === true);
    await room.setProducerPaused(producerId, false);
    await until(() => pipeProducers[0]?.paused === false);
    await room.updateConsumers('b', [{ id: infos[0]?.id ?? '', spatialLayer: 0 }]);
    await room.updateConsumers('c', [{ id: infos[1]?.id ?? '', spatialLayer: 1 }]);
    await room.updateConsumers('d', [{ id: infos[2]?.id ?? '', paused: true }]);
    await until(() => events.calls.demand.length > 0);
    expect(events.calls.demand).toEqual([['a', producerId, 1]]);

    // The pipe stays for as long as anybody needs it.
    room.removeMember('c');
    expect(pipeProducers[0]?.closed).toBe(false);
    room.removeMember('d');
    expect(pipeProducers[0]?.closed).toBe(true);
    expect(room.hasProducer(producerId)).toBe(true);
    await room.consume('b', producerId);
    expect(events.calls.consumerClosed).toEqual([]);
    expect((await plane.stats()).workers.map(({ routers }) => routers).toSorted()).toEqual([0, 1]);
  });

  it('pipes a producer that was made anew under the same id', async () => {
    for (const memberId of ['a', 'b', 'c']) await enter(memberId);
    const transportId = room.transportsOf('a')?.send.id ?? '';
    const options = { transportId, producerId: randomUUID(), source: 'camera', kind: 'video', paused: false } as const;
    for (let n = 0; n < 3; n++) {
      await room.createProducer('a', { ...options, rtpParameters: vp8(3) });
      // The first is closed while its pipe is still being made.
      const consuming = room.consume('c', options.producerId);
      if (n > 0) expect(await consuming).toBeDefined();
      room.closeProducer(options.producerId);
      if (n === 0) void consuming;
    }
    expect(room.consumersOf('c')).toEqual([]);
    expect(events.calls.consumerClosed).toEqual([]);
  });
});

describe('the end', () => {
  it('is quiet and may come twice, also in the middle of things', async () => {
    for (const memberId of ['a', 'b', 'c']) await enter(memberId);
    const producerId = await publish('a');
    const under = [
      room.consume('b', producerId),
      room.consume('c', producerId),
      room.createTransports('d'),
      publish('b', 'microphone'),
      room.setProducerPaused(producerId, true),
    ];
    const settled = Promise.allSettled(under);
    room.close();
    room.close();
    for (const result of await settled) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ name: 'AmphiError' });
    }
    expect(events.calls).toMatchObject({ consumerClosed: [], demand: [], moved: [] });
    await expect(room.createTransports('a')).rejects.toMatchObject({ code: 'wrong-state' });
    const { rooms, workers } = await plane.stats();
    expect(rooms).toBe(0);
    for (const worker of workers) expect(worker).toMatchObject({ routers: 0, transports: 0, consumers: 0 });
  });
});
