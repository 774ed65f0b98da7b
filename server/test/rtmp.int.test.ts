import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, vi } from 'vitest';
import { testWithServer } from './support/fixtures.ts';
import { obs } from './support/offers.ts';
import { freePort } from './support/rtmp/nginx.ts';
import { hasFfmpeg } from './support/ffmpeg-publisher.ts';
import { arrival, becomes, mediaOf, publishTo, refusalOf, studioOf } from './support/studio.ts';
import { send, streamKey } from './support/whip.ts';
import { killWorker } from './support/workers.ts';

const port = await freePort();
const test = testWithServer({ rtmp: { port } });
const busyPort = await freePort();
const busyTest = testWithServer({ rtmp: { port: busyPort }, live: { transcodeCores: 0 } });
const B_FRAMES = ['-bf', '2', '-profile:v', 'main', '-x264-params', 'b-adapt=0'];

function publish(
  key: string,
  { app = 'live', video, at = port }: { app?: string; video?: string[]; at?: number } = {},
) {
  return publishTo(`rtmp://127.0.0.1:${at}/${app}/${key}`, video);
}

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
    await mediaOf(host);

    first.kill();
    await becomes(host, 'reconnecting');
    const second = publish(key);
    await becomes(host, 'here');
    expect((await studioOf(host))?.id).toBe(id);

    // Whoever comes with the same key takes over, and the one before is told so.
    const third = publish(key);
    expect(await second.ended()).not.toBe(0);
    expect((await studioOf(host))?.id).toBe(id);
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
    expect((await studioOf(ada))?.id).toBe(id);
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
    expect(await studioOf(host)).toBeUndefined();

    const good = publish(key);
    await arrival(host);
    await host.wire.call('live.rotateKey', { id });
    expect(await good.ended()).not.toBe(0);
    expect(await studioOf(host)).toBeUndefined();
  },
);

const hasFfmpeg8 = await import('node-av/api').then(
  () => true,
  () => false,
);

test.skipIf(!hasFfmpeg || !hasFfmpeg8)(
  'FFmpeg 8, another program, publishes as well, and is told in a sentence that HEVC is not taken',
  { timeout: 60_000 },
  async ({ server, cast, onTestFinished }) => {
    const folder = mkdtempSync(join(tmpdir(), 'amphi-films-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const film = (name: string, ...encoder: string[]) => {
      const path = join(folder, `${name}.mkv`);
      const input = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=15', '-f', 'lavfi', '-i', 'sine=f=440:r=44100'];
      const args = ['-v', 'error', ...input, '-t', '20', ...encoder, '-pix_fmt', 'yuv420p', '-c:a', 'aac', path];
      execFileSync('ffmpeg', args, { stdio: ['ignore', 'ignore', 'pipe'] });
      return path;
    };
    const room = await server.createRoom();
    const host = await cast.host(room, { name: 'Hanna' });
    const { key } = streamKey(server, room);
    const program = fileURLToPath(new URL('support/ffmpeg8.ts', import.meta.url));
    const publishFilm = (path: string) => {
      const url = `rtmp://127.0.0.1:${port}/live/${key}`;
      const child = spawn(process.execPath, [program, 'flv', path, url], { stdio: ['ignore', 'ignore', 'pipe'] });
      onTestFinished(() => void child.kill('SIGKILL'));
      let said = '';
      child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
      return { said: () => said };
    };
    const hevc = publishFilm(
      film('hevc', '-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'bframes=0:log-level=none'),
    );
    await vi.waitFor(() => expect(hevc.said()).toMatch(/The picture is HEVC, and only H.264 is taken/), 20_000);
    await refusalOf(host, 'picture-codec', 'HEVC');
    publishFilm(film('avc', '-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-g', '15'));
    await host.wire.take('producer.added');
    const arrives = async () => {
      const { tracks, refused } = await host.wire.call('ingest.read', {});
      expect(refused).toEqual([]);
      expect(tracks.find(({ codec }) => codec === 'h264')).toMatchObject({ width: 320, height: 180 });
      expect(tracks.find(({ codec }) => codec === 'opus')?.bitrate).toBeGreaterThan(5000);
    };
    await vi.waitFor(arrives, { timeout: 30_000, interval: 1500 });
  },
);

test.skipIf(!hasFfmpeg)(
  'B-frames are taken out by an encoder, and the host is told of it; and all goes on over a killed worker',
  { timeout: 60_000 },
  async ({ server, cast }) => {
    const room = await server.createRoom();
    const host = await cast.host(room, { name: 'Hanna' });
    publish(streamKey(server, room).key, { video: B_FRAMES });
    await arrival(host);
    await mediaOf(host, { profile: 77, treatment: 'encoded' });
    killWorker(server.mediaPort);
    await becomes(host, 'reconnecting');
    await becomes(host, 'here');
    expect(server.errors.splice(0)).toMatchObject([expect.stringContaining('A media worker ended')]);
    await mediaOf(host, { profile: 77, treatment: 'encoded' });
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
