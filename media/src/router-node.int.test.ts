import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { types } from 'mediasoup';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { routerCapabilities, routerCodecs } from './codecs.ts';
import type { RoomProducer } from './room-producer.ts';
import { RoomConsumer } from './room-consumer.ts';
import { CROWD_KEY_FRAME_REQUEST_DELAY_MS, KEY_FRAME_REQUEST_DELAY_MS } from './room-producers.ts';
import { RouterNode } from './router-node.ts';
import { RoomSpeakers } from './speakers.ts';
import type { Speakers } from './speakers.ts';
import { opus, vp8 } from './rtp-testing.ts';
import { planeOptions, until } from './testing.ts';
import { startWorker } from './worker-process.ts';
import type { LiveWorker } from './worker-process.ts';

// Packets go in and come out over DirectTransports, which need neither ICE nor DTLS.

const codecs = routerCodecs(['vp8']);
const capabilities = routerCapabilities(codecs) as types.RtpCapabilities;
let workers: LiveWorker[];
let home: RouterNode;
let away: RouterNode;
let speakers: RoomSpeakers;
let told: Speakers[];

beforeEach(async () => {
  const options = planeOptions();
  workers = await Promise.all([startWorker(options, 0, 0), startWorker(options, 1, 0)]);
  told = [];
  speakers = new RoomSpeakers((now) => told.push(now));
  [home, away] = workers.map((live) => new RouterNode(live, codecs, speakers)) as [RouterNode, RouterNode];
});
afterEach(() => {
  speakers.close();
  for (const { worker } of workers) worker.close();
});

type Packet = { ssrc: number; payloadType: number; sequence: number; payload: Buffer; level?: number };

/** An RTP packet (RFC 3550), with a one-byte audio level extension (RFC 6464) in dBov below 0 where asked for. */
function rtp({ ssrc, payloadType, sequence, payload, level }: Packet): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80 | (level === undefined ? 0 : 0x10);
  header[1] = payloadType;
  header.writeUInt16BE(sequence, 2);
  header.writeUInt32BE(sequence * 960, 4);
  header.writeUInt32BE(ssrc, 8);
  const extension = level === undefined ? [] : [0xbe, 0xde, 0, 1, 0x60, 0x80 | level, 0, 0];
  return Buffer.concat([header, Buffer.from(extension), payload]);
}

/** A VP8 payload descriptor (RFC 7741) with S=1, then a frame header: bit 0 clear says key frame. */
function vp8KeyFrame(size: number): Buffer {
  return Buffer.from([0x10, 0x00, 0x00, 0x00, 0x9d, 0x01, 0x2a, size, 0, size, 0]);
}

async function produce(
  node: RouterNode,
  memberId: string,
  kind: 'audio' | 'video',
  rtpParameters: ReturnType<typeof opus>,
  keyFrameRequestDelay = 0,
): Promise<RoomProducer> {
  const transport = await (await node.ready).createDirectTransport();
  const source = kind === 'audio' ? 'microphone' : 'camera';
  const producer = await transport.produce({
    id: randomUUID(),
    kind,
    rtpParameters: rtpParameters as types.RtpParameters,
    keyFrameRequestDelay,
    appData: { memberId, source },
  });
  return {
    id: producer.id,
    memberId,
    source,
    spatialLayers: rtpParameters.encodings?.length ?? 1,
    node,
    producer,
    demand: undefined,
    consumers: new Set(),
    paused: false,
  };
}

async function receive(node: RouterNode, producerId: string): Promise<{ consumer: types.Consumer; packets: Buffer[] }> {
  const transport = await (await node.ready).createDirectTransport();
  const consumer = await transport.consume({ producerId, rtpCapabilities: capabilities, enableRtx: true });
  const packets: Buffer[] = [];
  consumer.on('rtp', (packet) => packets.push(packet));
  return { consumer, packets };
}

it('carries audio to another worker', async () => {
  const source = await produce(home, 'a', 'audio', opus(1111));
  await Promise.all([away.pipes.use(source), away.pipes.use(source)]);
  expect(away.pipes.size).toBe(1);
  const { packets } = await receive(away, source.id);
  for (let sequence = 1; sequence <= 50; sequence++) {
    source.producer.send(rtp({ ssrc: 1111, payloadType: 111, sequence, payload: Buffer.from(`opus ${sequence}`) }));
  }
  await until(() => packets.length === 50);
  expect(packets.map((packet) => packet.subarray(-5).toString()).at(-1)).toBe('us 50');

  away.pipes.release(source);
  expect(away.pipes.size).toBe(1);
  away.pipes.release(source);
  expect(away.pipes.size).toBe(0);
  const dump = await (await away.ready).dump();
  expect(dump.mapProducerIdConsumerIds).toEqual([]);
});

it('carries every simulcast layer to another worker, where a consumer gets the one it asks for', async () => {
  const source = await produce(home, 'a', 'video', vp8(3, 2000));
  await away.pipes.use(source);
  const { consumer, packets } = await receive(away, source.id);
  expect(consumer.type).toBe('simulcast');
  await consumer.setPreferredLayers({ spatialLayer: 1 });
  let sequence = 0;
  const seen = new Set<number | undefined>();
  consumer.on('layerschange', (layers) => seen.add(layers?.spatialLayer));
  await until(() => {
    sequence += 1;
    for (let layer = 0; layer < 3; layer++) {
      source.producer.send(rtp({ ssrc: 2000 + layer * 2, payloadType: 96, sequence, payload: vp8KeyFrame(layer) }));
    }
    return consumer.currentLayers?.spatialLayer === 1;
  }, 15_000);
  expect(packets.length).toBeGreaterThan(0);
  expect(seen).not.toContain(2);
});

it('says who speaks on either worker, and when they stop', async () => {
  const [a, b] = [await produce(home, 'a', 'audio', opus(3001)), await produce(away, 'b', 'audio', opus(3002))];
  await Promise.all([home.watchMicrophone(a.id), away.watchMicrophone(b.id)]);
  let sequence = 0;
  const talk = setInterval(() => {
    sequence += 1;
    const packet = { payloadType: 111, sequence, payload: Buffer.alloc(20) };
    a.producer.send(rtp({ ...packet, ssrc: 3001, level: 20 }));
    b.producer.send(rtp({ ...packet, ssrc: 3002, level: 50 }));
  }, 20);
  try {
    await until(() => told.at(-1)?.levels.length === 2);
    expect(told.at(-1)).toEqual({
      dominantId: 'a',
      levels: [
        { memberId: 'a', level: -20 },
        { memberId: 'b', level: -50 },
      ],
    });
  } finally {
    clearInterval(talk);
  }
  await until(() => told.at(-1)?.levels.length === 0);
  expect(told.filter(({ levels }) => levels.length === 0)).toHaveLength(1);
  expect(told.at(-1)?.dominantId).toBeNull();
});

it('asks the publisher for a key frame at once when a consumer is resumed, and only once', async () => {
  const source = await produce(home, 'a', 'video', vp8(1, 4000));
  const router = await home.ready;
  const transport = await router.createDirectTransport();
  const paused = await transport.consume({ producerId: source.id, rtpCapabilities: capabilities, paused: true });
  const requests: number[] = [];
  await source.producer.enableTraceEvent(['pli']);
  source.producer.on('trace', ({ type }) => type === 'pli' && requests.push(performance.now()));
  // A stream that the worker sees for the first time is asked for a key frame in any case; the publisher obeys.
  source.producer.send(rtp({ ssrc: 4000, payloadType: 96, sequence: 1, payload: Buffer.from([0x10, 1, 0, 0]) }));
  await until(() => requests.length > 0);
  source.producer.send(rtp({ ssrc: 4000, payloadType: 96, sequence: 2, payload: vp8KeyFrame(90) }));
  await sleep(100);
  requests.length = 0;

  const resumedAt = performance.now();
  const consumer = new RoomConsumer('b', source, home, paused);
  await consumer.start();
  await consumer.start();
  await until(() => requests.length > 0);
  expect((requests[0] ?? Infinity) - resumedAt).toBeLessThan(100);
  await sleep(600);
  expect(requests).toHaveLength(1);
});

it('asks for a key frame that never comes again when the receiver does, for the worker gives up', async () => {
  const source = await produce(home, 'a', 'video', vp8(1, 4500), KEY_FRAME_REQUEST_DELAY_MS);
  const transport = await (await home.ready).createDirectTransport();
  const options = { producerId: source.id, rtpCapabilities: capabilities, paused: true };
  const consumer = new RoomConsumer('b', source, home, await transport.consume(options));
  const requests: number[] = [];
  await source.producer.enableTraceEvent(['pli']);
  source.producer.on('trace', ({ type }) => type === 'pli' && requests.push(performance.now()));
  let sequence = 0;
  // A publisher who hears no request, and sends what cannot be decoded without a key frame.
  const sending = setInterval(() => {
    sequence += 1;
    source.producer.send(rtp({ ssrc: 4500, payloadType: 96, sequence, payload: Buffer.from([0x10, 1, 0, 0]) }));
  }, 50);
  try {
    await consumer.requestKeyFrame();
    await consumer.start();
    await until(() => requests.length >= 2);
    await until(() => performance.now() - (requests.at(-1) ?? Infinity) > 2500, 10_000);
    const gaveUp = requests.length;
    source.paused = true;
    await consumer.requestKeyFrame();
    await sleep(100);
    expect(requests, 'nothing is asked of who does not send').toHaveLength(gaveUp);
    source.paused = false;
    await consumer.requestKeyFrame();
    await until(() => requests.length > gaveUp);
    expect(requests).toHaveLength(gaveUp + 1);
  } finally {
    clearInterval(sending);
  }
});

it('asks the publisher for few key frames, however many receivers want one at once', async () => {
  const source = await produce(home, 'a', 'video', vp8(1, 5000), KEY_FRAME_REQUEST_DELAY_MS);
  const transport = await (await home.ready).createDirectTransport();
  const receivers = await Promise.all(
    Array.from({ length: 60 }, () => transport.consume({ producerId: source.id, rtpCapabilities: capabilities })),
  );
  const requests: number[] = [];
  await source.producer.enableTraceEvent(['pli']);
  let sequence = 0;
  // The publisher obeys every request, so that none is asked for again because nothing came.
  const answer = () =>
    source.producer.send(rtp({ ssrc: 5000, payloadType: 96, sequence: (sequence += 1), payload: vp8KeyFrame(90) }));
  source.producer.on('trace', ({ type }) => {
    if (type !== 'pli') return;
    requests.push(performance.now());
    answer();
  });
  answer();
  await sleep(2 * KEY_FRAME_REQUEST_DELAY_MS);
  requests.length = 0;

  const since = performance.now();
  for (let round = 0; round < 20; round++) {
    await Promise.all(receivers.map((receiver) => receiver.requestKeyFrame()));
    await sleep(50);
  }
  const lasted = performance.now() - since;
  await sleep(2 * KEY_FRAME_REQUEST_DELAY_MS);
  console.log(
    `1200 key frames were wanted over ${Math.round(lasted)} ms, the publisher was asked for ${requests.length}`,
  );
  expect(requests.length).toBeGreaterThan(0);
  expect(requests.length).toBeLessThanOrEqual(Math.ceil(lasted / KEY_FRAME_REQUEST_DELAY_MS) + 1);
});

it('asks the publisher for two key frames when a hundred viewers on two workers come within a second', async () => {
  const source = await produce(home, 'a', 'video', vp8(1, 5000), CROWD_KEY_FRAME_REQUEST_DELAY_MS);
  await away.pipes.use(source);
  const requests: number[] = [];
  let sequence = 0;
  const sendKeyFrame = () => {
    sequence += 1;
    source.producer.send(rtp({ ssrc: 5000, payloadType: 96, sequence, payload: vp8KeyFrame(90) }));
  };
  await source.producer.enableTraceEvent(['pli']);
  source.producer.on('trace', ({ type }) => {
    if (type !== 'pli') return;
    requests.push(performance.now());
    // As an encoder does, the publisher obeys after a frame's time.
    setTimeout(sendKeyFrame, 33);
  });
  sendKeyFrame();
  // What the worker may ask for when it sees the stream for the first time is over then.
  await sleep(CROWD_KEY_FRAME_REQUEST_DELAY_MS + 200);
  requests.length = 0;

  const seen = new Set<number>();
  const nodes = [home, away];
  const transports = await Promise.all(nodes.map(async (node) => (await node.ready).createDirectTransport()));
  const viewers = await Promise.all(
    Array.from({ length: 100 }, async (_, n) => {
      const node = nodes[n % 2] as RouterNode;
      const transport = transports[n % 2] as types.DirectTransport;
      const options = { producerId: source.id, rtpCapabilities: capabilities, paused: true };
      const consumer = await transport.consume(options);
      consumer.on('rtp', () => seen.add(n));
      return new RoomConsumer(`v${n}`, source, node, consumer);
    }),
  );
  const startedAt = performance.now();
  for (const [n, viewer] of viewers.entries()) {
    await sleep(Math.max(0, startedAt + n * 9.5 - performance.now()));
    await viewer.start();
  }
  const took = performance.now() - startedAt;
  await until(() => seen.size === 100, 5000);
  await sleep(CROWD_KEY_FRAME_REQUEST_DELAY_MS + 200);
  // One at once, one for all who came after; a machine that is busy may need longer than a second for a hundred.
  expect(requests.length).toBeLessThanOrEqual(1 + Math.ceil(took / CROWD_KEY_FRAME_REQUEST_DELAY_MS));
  console.log(`      100 viewers in ${Math.round(took)} ms: ${requests.length} key frame requests to the publisher`);
});
