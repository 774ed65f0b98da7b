import { expect } from 'vitest';
import { testWithServer } from './support/fixtures.ts';

const test = testWithServer();

test('what arrives is told to who may go live, and of the room it is', async ({ server, cast }) => {
  const room = await server.createRoom();
  const host = await cast.host(room, { name: 'Hanna' });
  const ada = await cast.join(room, { name: 'Ada' });
  const camera = await ada.publishCamera();
  const microphone = await ada.publishMicrophone();
  const { tracks } = await host.wire.call('ingest.read', {});
  expect(tracks.map(({ producerId, name, codec, isProgram }) => ({ producerId, name, codec, isProgram }))).toEqual([
    { producerId: camera, name: 'Ada', codec: 'vp8', isProgram: false },
    { producerId: microphone, name: 'Ada', codec: 'opus', isProgram: false },
  ]);
  // Nothing was sent, so nothing can be said of it.
  expect(tracks[0]).toMatchObject({ bitrate: 0, loss: 0, roundTrip: null, width: null, keyFrameInterval: null });
  expect(tracks[1]).toMatchObject({ channels: 2, frameRate: null });
  await ada.wire.call('producer.close', { producerId: camera });
  expect((await host.wire.call('ingest.read', {})).tracks.map(({ producerId }) => producerId)).toEqual([microphone]);

  const other = await cast.host(await server.createRoom());
  expect((await other.wire.call('ingest.read', {})).tracks).toEqual([]);
  await expect(ada.wire.call('ingest.read', {})).rejects.toMatchObject({ code: 'forbidden' });
});
