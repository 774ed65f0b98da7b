import { createHmac, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { crc32 } from 'node:zlib';
import type { TransportInfo } from '@amphi/protocol';
import type { RoomMedia } from '@amphi/rooms';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import type { AmphiMediaPlane } from './plane.ts';
import { recordEvents, startPlane, until } from './testing.ts';

let plane: AmphiMediaPlane;
let room: RoomMedia;
let events: ReturnType<typeof recordEvents>;

beforeEach(async () => {
  plane = await startPlane({ workers: 1 });
  events = recordEvents();
  room = await plane.createRoom('r', events);
});
afterEach(() => plane.close());

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

/** A nominating ICE connectivity check (RFC 8445), as a browser's first one and as its consent checks (RFC 7675). */
function check({ iceParameters }: TransportInfo): Buffer {
  const attributes = Buffer.concat([
    attribute(0x0006, Buffer.from(`${iceParameters.usernameFragment}:test`)),
    attribute(0x0024, Buffer.from([0x6e, 0x00, 0x1e, 0xff])),
    attribute(0x802a, randomBytes(8)),
    attribute(0x0025, Buffer.alloc(0)),
  ]);
  const header = Buffer.alloc(20);
  header.writeUInt16BE(0x0001, 0);
  header.writeUInt32BE(0x2112a442, 4);
  randomBytes(12).copy(header, 8);
  // Each of the two last attributes is computed over a header whose length includes it.
  header.writeUInt16BE(attributes.length + 24, 2);
  const hmac = createHmac('sha1', iceParameters.password).update(header).update(attributes).digest();
  const integrity = attribute(0x0008, hmac);
  header.writeUInt16BE(attributes.length + 32, 2);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE((crc32(Buffer.concat([header, attributes, integrity])) ^ 0x5354554e) >>> 0);
  return Buffer.concat([header, attributes, integrity, attribute(0x8028, crc)]);
}

it('knows whether somebody is there, and when asked within 8 seconds that their media has stopped', async () => {
  const { send } = await room.createTransports('a');
  expect(room.isAlive('a')).toBe(false);
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  const transmit = (packet: Buffer): void => socket.send(packet, send.iceCandidates[0]?.port ?? 0, '127.0.0.1');
  // The worker counts it before it finds that there are no SRTP keys.
  const media = Buffer.concat([Buffer.from([0x80, 111]), Buffer.alloc(100)]);

  transmit(check(send));
  await until(() => events.calls.alive.length === 1);
  expect(events.calls.alive).toEqual([['a', true]]);
  transmit(media);
  expect(room.isAlive('a')).toBe(true);

  const after = await until(() => events.calls.alive.length === 2, 9000);
  expect(after).toBeGreaterThan(6500);
  expect(events.calls.alive[1]).toEqual(['a', false]);
  expect(room.isAlive('a')).toBe(false);

  transmit(media);
  await until(() => events.calls.alive.length === 3);
  expect(events.calls.alive[2]).toEqual(['a', true]);
  room.removeMember('a');
  expect(room.isAlive('a')).toBe(false);
});

it('notices without being asked when the consent of a transport expires', async () => {
  const { recv } = await room.createTransports('a');
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  socket.send(check(recv), recv.iceCandidates[0]?.port ?? 0, '127.0.0.1');
  await until(() => events.calls.alive.length === 1);
  const after = await until(() => events.calls.alive.length === 2, 12_000);
  expect(after).toBeGreaterThan(9000);
  expect(events.calls.alive[1]).toEqual(['a', false]);
});

it('takes ICE over TCP on the same port', async () => {
  const { send } = await room.createTransports('a');
  const tcp = send.iceCandidates.find(({ protocol }) => protocol === 'tcp');
  expect(tcp).toMatchObject({ tcpType: 'passive', port: send.iceCandidates[0]?.port });
  const socket = connect(tcp?.port ?? 0, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const message = check(send);
  // RFC 4571 framing.
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  socket.write(Buffer.concat([length, message]));
  await until(() => events.calls.alive.length === 1);
  expect(room.isAlive('a')).toBe(true);
});
