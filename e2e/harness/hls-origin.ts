import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { StreamFolder } from '../../egress/src/hls/folder.ts';
import { HlsStream } from '../../egress/src/hls/stream.ts';
import { encodeAudio, encodeVideo } from '../../egress/src/testing/elementary.ts';
import { createHls } from '../../server/src/http/hls.ts';
import { HlsViewers } from '../../server/src/live/viewers.ts';

const LOOP_S = 8;
const TICK_MS = 20;

/** A live event of a test picture, sent in real time to our packager and served by our routes, without a room. */
export type HlsOrigin = {
  readonly url: string;
  /** What came to this server, by path. */
  readonly requests: string[];
  /** Changes the size of the picture. */
  shrink(): void;
  /** The publisher is away. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
};

const PAGE = `<!doctype html><video muted autoplay playsinline></video><script src="/hls.js"></script>`;

export async function startHlsOrigin(): Promise<HlsOrigin> {
  const [large, small, sound] = await Promise.all([
    encodeVideo({ width: 640, height: 360, seconds: LOOP_S }),
    encodeVideo({ width: 320, height: 180, seconds: LOOP_S }),
    encodeAudio({ seconds: LOOP_S }),
  ]);
  const root = mkdtempSync(join(tmpdir(), 'amphi-hls-origin-'));
  const folder = new StreamFolder(join(root, 'event'), () => stream.lost());
  const stream: HlsStream = new HlsStream({ id: 'event', roomId: 'lab', folder, windowSeconds: 600, keepsAll: true });
  const { routes } = createHls({ find: () => stream, viewers: new HlsViewers(), addressOf: () => 'here' });
  const requests: string[] = [];
  const app = new Hono();
  app.use('/live/*', async (c, next) => {
    requests.push(c.req.url.slice(new URL(c.req.url).origin.length));
    await next();
  });
  app.route('/live', routes);
  app.get('/', (c) => c.html(PAGE));
  const script = readFileSync(join(import.meta.dirname, '..', '..', 'node_modules', 'hls.js', 'dist', 'hls.min.js'));
  app.get('/hls.js', (c) => c.body(new Uint8Array(script), 200, { 'Content-Type': 'text/javascript' }));
  const server = createAdaptorServer({ fetch: app.fetch });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  let picture = large;
  let isAway = false;
  const begunAt = performance.now();
  /** How far it was sent, in microseconds. */
  let sentUs = 0;
  const frameUs = (1024 * 1_000_000) / 48_000;
  stream.format({ videos: [picture.format], audio: sound.format });
  const timer = setInterval(() => {
    const nowUs = (performance.now() - begunAt) * 1000;
    const due: { timeUs: number; send(): void }[] = [];
    for (let index = Math.ceil(sentUs / (1_000_000 / 30)); (index * 1_000_000) / 30 < nowUs; index++) {
      const { keyFrame, data } = picture.frames[index % picture.frames.length] ?? picture.frames[0] ?? never();
      const timeUs = Math.round((index * 1_000_000) / 30);
      due.push({ timeUs, send: () => stream.video(0, { timeUs, wall: wallOf(timeUs), keyFrame, data }) });
    }
    for (let index = Math.ceil(sentUs / frameUs); index * frameUs < nowUs; index++) {
      const { data } = sound.frames[index % sound.frames.length] ?? never();
      const timeUs = Math.round(index * frameUs);
      due.push({ timeUs, send: () => stream.audio({ timeUs, wall: wallOf(timeUs), keyFrame: true, data }) });
    }
    sentUs = nowUs;
    if (!isAway) for (const { send } of due.toSorted((one, other) => one.timeUs - other.timeUs)) send();
  }, TICK_MS);
  const wallOf = (timeUs: number) => performance.timeOrigin + begunAt + timeUs / 1000;

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    shrink() {
      picture = small;
      stream.format({ videos: [picture.format], audio: sound.format });
    },
    pause() {
      isAway = true;
      stream.idle();
    },
    resume: () => void (isAway = false),
    async close() {
      clearInterval(timer);
      stream.ended();
      await stream.settled();
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function never(): never {
  throw new Error('ffmpeg made no frames');
}
