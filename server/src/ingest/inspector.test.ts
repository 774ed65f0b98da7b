import { call, startRooms } from '@amphi/rooms/testing';
import { expect, test } from 'vitest';
import { createInspector } from './inspector.ts';

const VP8 = {
  codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 }],
  encodings: [{ ssrc: 5 }],
};

async function start() {
  const rooms = startRooms();
  const inspector = createInspector({
    directory: () => rooms.directory,
    pictureOf: () => 'no-core',
    refusedIn: () => [],
    clock: rooms.clock,
  });
  const { session } = await rooms.connect('lab');
  await call(session, 'join', { name: 'Ada', rtpCapabilities: {}, direct: false });
  const media = rooms.media('lab');
  const producerId = crypto.randomUUID();
  await call(session, 'producer.create', {
    ...{ transportId: media.sendId(session.id), producerId, source: 'camera', kind: 'video', rtpParameters: VP8 },
  });
  return { ...rooms, inspector, session, media, producerId };
}

/** A VP8 key frame of 320 × 180 in one packet. */
function keyFrame(sequence: number): Buffer {
  const packet = Buffer.from([
    ...[0x80, 0x80 | 96, 0, sequence, 0, 0, 0, sequence, 0, 0, 0, 5],
    ...[0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00, 0],
  ]);
  return packet;
}

test('a picture is read as long as somebody looks, and no longer', async () => {
  const { inspector, media, producerId, clock } = await start();
  expect(media.taps.size).toBe(0);
  expect(await inspector.read('lab')).toMatchObject({
    tracks: [{ producerId, name: 'Ada', codec: 'vp8', width: null }],
  });
  const [tap] = media.taps;
  tap?.sink.started({ kind: 'video', rtpParameters: VP8, paused: false });
  tap?.sink.rtp(keyFrame(1));
  tap?.sink.rtp(keyFrame(2));
  expect(await inspector.read('lab')).toMatchObject({ tracks: [{ width: 320, height: 180 }] });
  // What is measured must not change with the measuring.
  expect(tap?.keyFrameRequests).toBe(0);
  clock.advance(9000);
  expect(media.taps.size).toBe(1);
  await inspector.read('lab');
  clock.advance(9000);
  expect(media.taps.size).toBe(1);
  clock.advance(1000);
  expect(media.taps.size).toBe(0);
});

const nothing = { tracks: [], refused: [] };

test('what is gone is no longer read, and of no room there is nothing', async () => {
  const { inspector, media, producerId, session } = await start();
  await inspector.read('lab');
  await call(session, 'producer.close', { producerId });
  expect(await inspector.read('lab')).toEqual(nothing);
  expect(media.taps.size).toBe(0);
  expect(await inspector.read('nowhere')).toEqual(nothing);
});
