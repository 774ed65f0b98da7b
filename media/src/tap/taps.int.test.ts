import { randomUUID } from 'node:crypto';
import { steadyNow, type TapSink } from '@amphi/rooms';
import type { types } from 'mediasoup';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { routerCodecs } from '../codecs.ts';
import { Demand } from '../demand.ts';
import type { RoomProducer } from '../room-producer.ts';
import { RouterNode } from '../router-node.ts';
import { RoomSpeakers } from '../speakers.ts';
import { RoomTaps } from './taps.ts';
import { opus, vp8 } from '../rtp-testing.ts';
import { planeOptions, startPlane, recordEvents, until } from '../testing.ts';
import { startWorker } from '../worker-process.ts';
import type { LiveWorker } from '../worker-process.ts';

let worker: LiveWorker;
let node: RouterNode;
let taps: RoomTaps;

beforeEach(async () => {
  const options = planeOptions();
  worker = await startWorker(options, 0, 0);
  node = new RouterNode(worker, routerCodecs(['vp8']), new RoomSpeakers(() => {}));
  taps = new RoomTaps(options.logger);
});
afterEach(() => {
  taps.close();
  worker.worker.close();
});

function recordSink() {
  const packets: Buffer[] = [];
  /** How far what the reports say is from when they came, in milliseconds. */
  const reports: number[] = [];
  const steady: number[] = [];
  const told: string[] = [];
  const ssrcs: (number | undefined)[][] = [];
  const sink: TapSink = {
    started: ({ kind, rtpParameters }) => {
      told.push(`started ${kind}`);
      ssrcs.push((rtpParameters.encodings ?? []).map(({ ssrc }) => ssrc));
    },
    rtp: (packet) => packets.push(packet),
    senderReport: ({ capturedAt, steadyAt }) => {
      reports.push(Date.now() - capturedAt);
      steady.push(steadyNow() - steadyAt);
    },
    paused: (paused) => told.push(paused ? 'paused' : 'resumed'),
    stopped: () => told.push('stopped'),
  };
  return { sink, packets, reports, steady, told, ssrcs };
}

async function produce(kind: 'audio' | 'video', rtpParameters: ReturnType<typeof opus>): Promise<RoomProducer> {
  const transport = await (await node.ready).createDirectTransport();
  const source = kind === 'audio' ? 'microphone' : 'camera';
  const producer = await transport.produce({ kind, rtpParameters: rtpParameters as types.RtpParameters });
  const spatialLayers = rtpParameters.encodings?.length ?? 1;
  return {
    id: randomUUID(),
    memberId: 'ada',
    source,
    spatialLayers,
    node,
    producer,
    demand: kind === 'video' ? new Demand(spatialLayers, () => {}) : undefined,
    consumers: new Set(),
    paused: false,
  };
}

function rtp(ssrc: number, payloadType: number, sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = payloadType;
  header.writeUInt16BE(sequence & 0xffff, 2);
  header.writeUInt32BE((sequence * 960) >>> 0, 4);
  header.writeUInt32BE(ssrc, 8);
  return Buffer.concat([header, payload]);
}

const KEY_FRAME = Buffer.from([0x10, 0x00, 0x00, 0x00, 0x9d, 0x01, 0x2a, 64, 0, 64, 0]);

it('hands over every packet of a burst, and when things were captured', async () => {
  const source = await produce('audio', opus(1111));
  const { sink, packets, reports, steady, told } = recordSink();
  taps.open(source.id, source, sink, {});
  await until(() => told.length > 0);
  await until(() => {
    source.producer.send(rtp(1111, 111, 0, Buffer.from('first')));
    return packets.length > 0;
  });
  for (let sequence = 1; sequence <= 5000; sequence++) {
    source.producer.send(rtp(1111, 111, sequence, Buffer.from(`opus ${sequence}`)));
  }
  // The worker adds header extensions, so that what was sent is at the end.
  const numbers = () =>
    packets.map((packet) => Number(/opus (\d+)$/.exec(packet.toString('latin1'))?.[1])).filter(Number.isInteger);
  await until(() => numbers().length === 5000);
  expect(numbers()).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1));
  let sequence = 5000;
  // What came during the burst waited for this test's own counting.
  reports.length = 0;
  await until(() => {
    source.producer.send(rtp(1111, 111, ++sequence, Buffer.from('more')));
    return reports.length > 0;
  }, 10_000);
  expect(Math.abs(reports[0] ?? Infinity)).toBeLessThan(1000);
  // One clock says the same as the other, however long it took until it was read.
  expect(Math.abs((steady.at(-1) ?? Infinity) - (reports.at(-1) ?? 0))).toBeLessThan(5);
});

it('follows a producer that is paused, gone, and made again', async () => {
  const first = await produce('video', vp8(1, 2000));
  const { sink, told } = recordSink();
  const tap = taps.open(first.id, first, sink, {});
  await until(() => told.length > 0);
  await first.producer.pause();
  await first.producer.resume();
  await until(() => told.length === 3);
  first.producer.close();
  taps.producerGone(first);
  const second = { ...(await produce('video', vp8(1, 3000))), id: first.id };
  taps.producerMade(second);
  await until(() => told.length === 5);
  tap.close();
  expect(told).toEqual(['started video', 'paused', 'resumed', 'stopped', 'started video', 'stopped']);
  expect(second.demand?.wants.size).toBe(0);
});

it('reads the best layer, or each as a stream of its own', async () => {
  const source = await produce('video', vp8(3, 4000));
  const [best, all] = [recordSink(), recordSink()];
  taps.open(source.id, source, best.sink, {});
  taps.open(source.id, source, all.sink, { allLayers: true });
  let sequence = 0;
  const ssrcsIn = (packets: Buffer[]) => new Set(packets.map((packet) => packet.readUInt32BE(8)));
  await until(() => {
    sequence += 1;
    for (let layer = 0; layer < 3; layer++) source.producer.send(rtp(4000 + layer * 2, 96, sequence, KEY_FRAME));
    return ssrcsIn(all.packets).size === 3 && best.packets.length > 0;
  }, 15_000);
  expect(ssrcsIn(best.packets).size).toBe(1);
  expect([...ssrcsIn(all.packets)].toSorted()).toEqual(all.ssrcs[0]?.toSorted());
  expect([...ssrcsIn(best.packets)]).toEqual(best.ssrcs[0]);
  expect(source.demand?.wants.size).toBe(2);
});

it('goes on when the worker was killed and the publisher has come back', async () => {
  const plane = await startPlane({ workers: 1 });
  try {
    const events = recordEvents();
    const room = await plane.createRoom('lab', events);
    const producerId = randomUUID();
    const publish = async () => {
      const { send } = await room.createTransports('ada');
      const options = { transportId: send.id, source: 'camera', kind: 'video', paused: false } as const;
      await room.createProducer('ada', { ...options, producerId, rtpParameters: vp8(1) });
    };
    await publish();
    const { sink, told } = recordSink();
    room.tap(producerId, sink);
    await until(() => told.length === 1);
    process.kill((await plane.stats()).workers[0]?.pid ?? 0, 'SIGKILL');
    await until(() => events.calls.moved.length === 1);
    await publish();
    await until(() => told.length === 3);
    expect(told).toEqual(['started video', 'stopped', 'started video']);
    room.close();
    expect(told.at(-1)).toBe('stopped');
  } finally {
    await plane.close();
  }
});
