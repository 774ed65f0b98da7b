import { randomUUID } from 'node:crypto';
import type { MediaInlet, RoomMedia, SenderReport } from '@amphi/rooms';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { AmphiMediaPlane } from './plane.ts';
import { opus, vp8 } from './rtp-testing.ts';
import { recordEvents, startPlane, until } from './testing.ts';

const SSRC = 4711;

let plane: AmphiMediaPlane;
let room: RoomMedia;
let events: ReturnType<typeof recordEvents>;

beforeAll(async () => {
  plane = await startPlane({ workers: 1, maxIncomingBitrate: 200_000 });
});
afterAll(() => plane.close());
beforeEach(async () => {
  events = recordEvents();
  room = await plane.createRoom('room', events);
});
afterEach(() => room.close());

async function produce(inlet: MediaInlet, producerId: string = randomUUID()): Promise<string> {
  const track = { producerId, source: 'microphone' as const, kind: 'audio' as const, paused: false };
  await room.createProducer('obs', { ...track, transportId: inlet.id, rtpParameters: opus(SSRC) });
  return producerId;
}

function packet(sequence: number, payload: string | Buffer, payloadType = 111): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = payloadType;
  header.writeUInt16BE(sequence, 2);
  header.writeUInt32BE(sequence * 960, 4);
  header.writeUInt32BE(SSRC, 8);
  return Buffer.concat([header, Buffer.from(payload)]);
}

function listen(producerId: string) {
  const heard: string[] = [];
  const reports: SenderReport[] = [];
  room.tap(producerId, {
    started() {},
    rtp: (data) => heard.push(data.subarray(-4).toString('latin1')),
    senderReport: (report) => reports.push(report),
    paused() {},
    stopped() {},
  });
  return { heard, reports };
}

it('carries what this process sends for a member, and when it was captured', async () => {
  const inlet = await room.openInlet('obs');
  const id = await produce(inlet);
  const { heard, reports } = listen(id);
  // What is sent was captured 400 ms ago, as if it had been encoded anew meanwhile.
  const startedAt = Date.now() - 400;
  for (let sequence = 0; reports.length < 2; sequence++) {
    const capturedAt = Date.now();
    inlet.report({ ssrc: SSRC, rtpTimestamp: (capturedAt - startedAt) * 48, capturedAt });
    inlet.send(id, packet(sequence, 'beep'));
    await new Promise((resolve) => setTimeout(resolve, Math.max(1, startedAt + 400 + sequence * 20 - Date.now())));
    if (sequence > 1000) throw new Error('no report came');
  }
  expect(heard).toContain('beep');
  const { rtpTimestamp = 0, capturedAt = 0 } = reports.at(-1) ?? {};
  expect(Math.abs(capturedAt - (startedAt + rtpTimestamp / 48))).toBeLessThan(100);
});

it('tells of who waits for a key frame', async () => {
  let asked = 0;
  const inlet = await room.openInlet('obs', () => void asked++);
  const id = randomUUID();
  const track = { producerId: id, source: 'camera' as const, kind: 'video' as const, paused: false };
  await room.createProducer('obs', { ...track, transportId: inlet.id, rtpParameters: vp8(1, SSRC) });
  const tap = room.tap(id, { started() {}, rtp() {}, senderReport() {}, paused() {}, stopped() {} });
  let sequence = 0;
  await until(() => {
    inlet.send(id, packet(sequence++, 'none', 96));
    tap.requestKeyFrame();
    return asked > 0;
  });
  expect(room.hasProducer(id)).toBe(true);
});

it('is void once another has taken its place', async () => {
  const old = await room.openInlet('obs');
  const id = await produce(old);
  const inlet = await room.openInlet('obs');
  room.closeProducer(id);
  await produce(inlet, id);
  const { heard } = listen(id);
  let sequence = 0;
  await until(() => {
    old.send(id, packet(sequence++, 'old!'));
    inlet.send(id, packet(sequence++, 'new!'));
    return heard.length > 5;
  });
  expect(new Set(heard)).toEqual(new Set(['new!']));
  old.setAlive(true);
  expect(room.isAlive('obs')).toBe(false);
});

it('takes the place of transports, and they its own', async () => {
  await room.createTransports('obs');
  const inlet = await room.openInlet('obs');
  expect(room.transportsOf('obs')).toBeUndefined();
  await expect(room.restartIce('obs', inlet.id)).rejects.toMatchObject({ code: 'not-found' });
  inlet.setAlive(true);
  await room.createTransports('obs');
  expect(room.isAlive('obs')).toBe(false);
  inlet.setAlive(false);
  expect(events.calls.alive).toEqual([['obs', true]]);
});

it('says for the member whether it is there', async () => {
  const inlet = await room.openInlet('obs');
  inlet.setAlive(true);
  expect(room.isAlive('obs')).toBe(true);
  inlet.setAlive(false);
  expect(events.calls.alive).toEqual([
    ['obs', true],
    ['obs', false],
  ]);
});

it('tells of who sends far more than a member may', async () => {
  const inlet = await room.openInlet('obs');
  const id = await produce(inlet);
  let sequence = 0;
  await until(() => {
    for (let count = 0; count < 10; count++) inlet.send(id, packet(sequence++ & 0xffff, Buffer.alloc(1000)));
    return events.calls.flooded.length > 0;
  }, 10_000);
  expect(events.calls.flooded).toEqual([['obs']]);
});
