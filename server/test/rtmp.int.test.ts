import { afterEach, expect, vi } from 'vitest';
import { testWithServer } from './support/fixtures.ts';
import { obs } from './support/offers.ts';
import { freePort } from './support/rtmp/nginx.ts';
import { hasFfmpeg, FfmpegPublisher } from './support/ffmpeg-publisher.ts';
import type { Person } from './support/cast.ts';
import { send, streamKey } from './support/whip.ts';

const port = await freePort();
const test = testWithServer({ rtmp: { port } });
const busyPort = await freePort();
const busyTest = testWithServer({ rtmp: { port: busyPort }, live: { transcodeCores: 0 } });
const B_FRAMES = ['-bf', '2', '-profile:v', 'main', '-x264-params', 'b-adapt=0'];

const publishers: FfmpegPublisher[] = [];
function publish(
  key: string,
  { app = 'live', video, at = port }: { app?: string; video?: string[]; at?: number } = {},
): FfmpegPublisher {
  const publisher = new FfmpegPublisher(`rtmp://127.0.0.1:${at}/${app}/${key}`, video);
  publishers.push(publisher);
  return publisher;
}
afterEach(() => publishers.splice(0).forEach((publisher) => publisher.kill()));

const studio = async (person: Person) => (await person.sync()).members.find(({ role }) => role === 'publisher');
/** Waits until the publisher has come; answers its id. */
async function arrival(person: Person): Promise<string> {
  const { member } = await person.wire.take('member.joined', ({ member: { role } }) => role === 'publisher');
  return member.id;
}
const becomes = (person: Person, presence: string) =>
  person.wire.take('member.updated', ({ patch }) => patch.presence === presence);

test.skipIf(!hasFfmpeg)(
  'what ffmpeg publishes by RTMP arrives as H.264 and Opus, is lost, comes back as the same, and goes',
  { timeout: 120_000 },
  async ({ server, cast }) => {
    const room = await server.createRoom();
    const host = await cast.host(room, { name: 'Hanna' });
    const { key } = streamKey(server, room);
    expect((await host.wire.call('live.keys', {})).rtmp).toEqual({ port, tlsPort: null });
    const first = publish(key);
    const id = await arrival(host);
    const arrives = async () => {
      const { tracks } = await host.wire.call('ingest.read', {});
      const [picture, sound] = ['h264', 'opus'].map((codec) => tracks.find((track) => track.codec === codec));
      expect(picture).toMatchObject({ name: 'Studio', isProgram: true, width: 320, height: 180, hasBFrames: false });
      expect(picture?.frameRate).toBeGreaterThan(10);
      expect(sound?.bitrate).toBeGreaterThan(20_000);
    };
    await vi.waitFor(arrives, { timeout: 30_000, interval: 1500 });

    first.kill();
    await becomes(host, 'reconnecting');
    const second = publish(key);
    await becomes(host, 'here');
    expect((await studio(host))?.id).toBe(id);

    // Whoever comes with the same key takes over, and the one before is told so.
    const third = publish(key);
    expect(await second.ended()).not.toBe(0);
    expect((await studio(host))?.id).toBe(id);
    await third.stop();
    expect(await host.wire.take('member.left')).toEqual({ memberId: id, reason: 'left' });
  },
);

test.skipIf(!hasFfmpeg)(
  'WHIP takes over from RTMP with the same key',
  { timeout: 60_000 },
  async ({ server, cast }) => {
    const room = await server.createRoom();
    const ada = await cast.join(room, { name: 'Ada' });
    const { key } = streamKey(server, room);
    const ffmpeg = publish(key);
    const id = await arrival(ada);
    await ada.wire.take('producer.added');
    expect((await send(new URL(`/whip/${room}`, server.url).href, { key, body: obs })).status).toBe(201);
    await ffmpeg.ended();
    expect((await studio(ada))?.id).toBe(id);
  },
);

test.skipIf(!hasFfmpeg)(
  'wrong keys and addresses are refused, and a key that is replaced ends who publishes with it',
  { timeout: 60_000 },
  async ({ server, cast }) => {
    const room = await server.createRoom();
    const host = await cast.host(room, { name: 'Hanna' });
    const { id, key } = streamKey(server, room);
    const wrong = publish('amphi_wrong');
    await wrong.ended();
    expect(wrong.said).toMatch(/this is no stream key/);
    const lost = publish(key, { app: 'show' });
    await lost.ended();
    expect(lost.said).toMatch(/has to end with \/live/);
    expect(await studio(host)).toBeUndefined();

    const good = publish(key);
    await arrival(host);
    await host.wire.call('live.rotateKey', { id });
    expect(await good.ended()).not.toBe(0);
    expect(await studio(host)).toBeUndefined();
  },
);

test.skipIf(!hasFfmpeg)(
  'B-frames are taken out by an encoder, and the host is told of it',
  { timeout: 60_000 },
  async ({ server, cast }) => {
    const room = await server.createRoom();
    const host = await cast.host(room, { name: 'Hanna' });
    publish(streamKey(server, room).key, { video: B_FRAMES });
    await arrival(host);
    const arrives = async () => {
      const { tracks } = await host.wire.call('ingest.read', {});
      const picture = tracks.find(({ codec }) => codec === 'h264');
      expect(picture).toMatchObject({ profile: 77, hasBFrames: false, treatment: 'encoded', width: 320, height: 180 });
      expect(picture?.frameRate).toBeGreaterThan(10);
    };
    await vi.waitFor(arrives, { timeout: 30_000, interval: 1500 });
  },
);

busyTest.skipIf(!hasFfmpeg)(
  'B-frames are passed on where no core is free, and the host is told of that',
  { timeout: 60_000 },
  async ({ server, cast }) => {
    const room = await server.createRoom();
    const host = await cast.host(room, { name: 'Hanna' });
    publish(streamKey(server, room).key, { video: B_FRAMES, at: busyPort });
    await arrival(host);
    const told = async () => {
      const { tracks } = await host.wire.call('ingest.read', {});
      expect(tracks.find(({ codec }) => codec === 'h264')).toMatchObject({
        ...{ profile: 77, hasBFrames: true, treatment: 'no-core' },
      });
    };
    await vi.waitFor(told, { timeout: 30_000, interval: 1500 });
  },
);
