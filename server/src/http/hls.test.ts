import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHlsShelf, type Program } from '@amphi/egress';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLiveOutputs, type ServerOutputs } from '../live/outputs.ts';
import { HlsViewers } from '../live/viewers.ts';
import { createHls } from './hls.ts';

type Sink = Parameters<Program['attach']>[0];
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const VIDEO = {
  width: 640,
  height: 360,
  config: Buffer.from([1, 0x42, 0xc0, 30, 0xff, 0xe1, 0, 1, 0x67, 1, 0, 1, 0x68]),
};

/** Long enough for two hundred requests on a busy machine. */
const WAIT_MS = 3000;

let folder: string;
let url: string;
let outputs: ServerOutputs;
let sink: Sink;
let isPrivate = false;
let viewers: HlsViewers;
let close: () => Promise<void>;
let timeUs = 0;

const program: Program = {
  attach(given) {
    sink = given;
    given.format({ videos: [VIDEO], audio: undefined });
    return () => {};
  },
  close: () => Promise.resolve(),
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'amphi-hls-http-'));
  [isPrivate, timeUs] = [false, 0];
  const shelf = createHlsShelf({
    ...{ folder, windowSeconds: 600, replayDays: 1, maxBytes: 1e9, isGone: () => false, logger: quiet },
    onChange: (roomId) => outputs.changed(roomId),
  });
  await shelf.recover();
  outputs = createLiveOutputs({
    ...{ shelf, key: Buffer.alloc(32, 7), logger: quiet, isPrivate: () => isPrivate },
    programs: { use: () => Promise.resolve({ program, release() {} }), setLayout() {} },
  });
  viewers = new HlsViewers();
  const { routes, figures } = createHls({ find: outputs.find, viewers, addressOf: () => 'here', waitMs: WAIT_MS });
  const app = new Hono().route('/live', routes).get('/figures', (c) => c.json(figures()));
  const server = createAdaptorServer({ fetch: app.fetch });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = async () => {
    server.close();
    await shelf.close();
  };
});
afterEach(async () => {
  await close();
  rmSync(folder, { recursive: true, force: true });
});

/** So many seconds of pictures, of which a key frame comes every two seconds. */
function send(seconds: number): void {
  for (let index = 0; index < seconds * 30; index++) {
    const keyFrame = Math.round(timeUs / 33_333) % 60 === 0;
    sink.video(0, { timeUs, wall: Date.now(), keyFrame, data: Buffer.alloc(500, 0xab) });
    timeUs += 33_333;
  }
}

async function goLive(seconds = 5): Promise<string> {
  outputs.open('lab', { layout: 'solo', changed() {} });
  await Promise.resolve();
  send(seconds);
  const response = await fetch(`${url}/live/lab/index.m3u8`);
  const [playlist = ''] = (await response.text()).match(/^.*v0\.m3u8$/m) ?? [];
  return `${url}/live/lab/${playlist}`;
}

describe('what there is', () => {
  test('nothing before there is something to be played, and no word why', async () => {
    expect((await fetch(`${url}/live/lab/index.m3u8`)).status).toBe(404);
    outputs.open('lab', { layout: 'solo', changed() {} });
    await Promise.resolve();
    send(1);
    expect(outputs.hls('lab')).toBeNull();
    const early = await fetch(`${url}/live/lab/index.m3u8`);
    expect(early.status).toBe(404);
    expect(early.headers.get('cache-control')).toBe('public, max-age=1');
    send(4);
    expect(outputs.hls('lab')).toEqual({ path: '/live/lab/index.m3u8', kind: 'live' });
    expect((await fetch(`${url}/live/lab/index.m3u8`)).status).toBe(200);
  });

  test('playlists that caches keep for a moment, packed, and told by an ETag', async () => {
    const playlist = await goLive();
    const response = await fetch(playlist, { headers: { 'accept-encoding': 'gzip' } });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=1',
      'content-encoding': 'gzip',
      'content-type': 'application/vnd.apple.mpegurl',
      vary: 'Accept-Encoding',
    });
    expect(response.headers.get('set-cookie')).toBeNull();
    const text = await response.text();
    expect(text).toContain('#EXT-X-PRELOAD-HINT');
    const etag = response.headers.get('etag') ?? '';
    const again = await fetch(playlist, { headers: { 'accept-encoding': 'gzip', 'if-none-match': etag } });
    expect(again.status).toBe(304);
    const head = await fetch(playlist, { method: 'HEAD', headers: { 'accept-encoding': 'identity' } });
    expect(Number(head.headers.get('content-length'))).toBe(text.length);
  });

  test('parts, segments and initialisations, byte by byte and for long', async () => {
    const base = (await goLive()).replace('v0.m3u8', '');
    const segment = await fetch(`${base}v0-0.m4s`);
    expect(segment.headers.get('cache-control')).toBe('public, max-age=86400, immutable');
    const whole = Buffer.from(await segment.arrayBuffer());
    expect(Number(segment.headers.get('content-length'))).toBe(whole.length);
    const parts = await Promise.all(
      [0, 1, 2, 3].map(async (index) => Buffer.from(await (await fetch(`${base}v0-0.${index}.m4s`)).arrayBuffer())),
    );
    expect(Buffer.concat(parts).equals(whole)).toBe(true);
    expect(
      Buffer.from(await (await fetch(`${base}v0-i0.mp4`)).arrayBuffer())
        .subarray(4, 8)
        .toString(),
    ).toBe('ftyp');
    const range = await fetch(`${base}v0-0.m4s`, { headers: { range: 'bytes=4-7' } });
    expect([range.status, await range.text()]).toEqual([206, 'moof']);
    for (const name of ['v0-99.m4s', 'v0-0.9.m4s', 'v7-0.m4s', 'journal.jsonl', '..%2Fx', 'v0-i9.mp4']) {
      expect((await fetch(base + name)).status, name).toBe(404);
    }
    const preflight = await fetch(`${base}v0-0.m4s`, { method: 'OPTIONS' });
    expect(preflight.headers.get('access-control-allow-methods')).toBe('GET, HEAD, OPTIONS');
  });

  test('no replay any more, and nothing on the disk, when it is deleted; what is live goes on', async () => {
    await goLive();
    outputs.close('lab');
    const { path = '' } = outputs.hls('lab') ?? {};
    await expect.poll(() => readdirSync(folder)).toHaveLength(1);
    await outputs.deleteReplays('lab');
    expect(outputs.hls('lab')).toBeNull();
    expect((await fetch(url + path)).status).toBe(404);
    expect(readdirSync(folder)).toEqual([]);
    const playlist = await goLive();
    await outputs.deleteReplays('lab');
    expect((await fetch(playlist)).status).toBe(200);
  });

  test('a replay of the same segments as soon as it has ended', async () => {
    const playlist = await goLive();
    const blocked = fetch(`${playlist}?_HLS_msn=2&_HLS_part=3`);
    outputs.close('lab');
    expect(await (await blocked).text()).toContain('#EXT-X-ENDLIST');
    const { path = '', kind } = outputs.hls('lab') ?? {};
    expect(kind).toBe('replay');
    const multivariant = await (await fetch(url + path)).text();
    expect(multivariant).toContain('\nv0-replay.m3u8\n');
    const replay = await (await fetch(new URL('v0-replay.m3u8', url + path))).text();
    expect(replay).toMatch(/PLAYLIST-TYPE:VOD[\s\S]*v0-0\.m4s[\s\S]*v0-2\.m4s\n#EXT-X-ENDLIST/);
    expect(await (await fetch(`${url}/live/lab/index.m3u8`)).text()).toContain('v0-replay.m3u8');
  });

  test('a private event only by the path that is told', async () => {
    isPrivate = true;
    await goLive();
    const { path = '' } = outputs.hls('lab') ?? {};
    expect(path).toMatch(/^\/live\/lab\/~[\w-]{22}\/index\.m3u8$/);
    const multivariant = await (await fetch(url + path)).text();
    const [playlist = ''] = multivariant.match(/^.*v0\.m3u8$/m) ?? [];
    expect((await fetch(new URL(playlist, url + path))).status).toBe(200);
    expect((await fetch(`${url}/live/lab/${playlist}`)).status).toBe(404);
    expect((await fetch(url + path.replace(/~../, '~xx'))).status).toBe(404);
    expect((await fetch(`${url}/live/lab/index.m3u8`)).status).toBe(404);
  });
});

describe('blocking reload', () => {
  test('answers when the part is there, with what is there then', async () => {
    const playlist = await goLive();
    const answer = fetch(`${playlist}?_HLS_msn=2&_HLS_part=2`);
    await waiting(1);
    send(1.2);
    const response = await answer;
    expect(response.headers.get('cache-control')).toBe('public, max-age=6');
    expect(await response.text()).toContain('URI="v0-2.2.m4s"');
  });

  test('takes a part behind the last one of a segment for the first of the next', async () => {
    const playlist = await goLive();
    const text = await (await fetch(`${playlist}?_HLS_msn=1&_HLS_part=4`)).text();
    expect(text).toContain('URI="v0-2.0.m4s"');
  });

  test('without a part waits for the whole segment', async () => {
    const playlist = await goLive();
    const answer = fetch(`${playlist}?_HLS_msn=2`);
    await waiting(1);
    send(2);
    expect(await (await answer).text()).toMatch(/#EXTINF:[\d.]+,\nv0-2\.m4s/);
  });

  test.each([
    ['_HLS_msn=9'],
    ['_HLS_msn=2&_HLS_part=30'],
    ['_HLS_part=1'],
    ['_HLS_msn=x'],
    ['_HLS_msn=-1'],
    ['_HLS_msn=1.5&_HLS_part=0'],
  ])('refuses %s', async (query) => {
    expect((await fetch(`${await goLive()}?${query}`)).status).toBe(400);
  });

  test('gives up after a time; while the publisher is away it answers what there is', { timeout: 20_000 }, async () => {
    const playlist = await goLive();
    const late = await fetch(`${playlist}?_HLS_msn=2&_HLS_part=3`);
    expect([late.status, late.headers.get('retry-after'), late.headers.get('cache-control')]).toEqual([
      503,
      '1',
      'no-store',
    ]);
    sink.idle();
    const idle = await fetch(`${playlist}?_HLS_msn=3&_HLS_part=0`);
    expect([idle.status, idle.headers.get('cache-control')]).toEqual([200, 'public, max-age=1']);
  });

  test('holds what a hint names until it is there, and says when it will not be', async () => {
    const base = (await goLive()).replace('v0.m3u8', '');
    const hinted = fetch(`${base}v0-2.1.m4s`);
    await waiting(1);
    send(0.6);
    expect((await hinted).status).toBe(200);
    const never = fetch(`${base}v0-2.3.m4s`);
    await waiting(1);
    outputs.close('lab');
    // Ended with a shorter part, which is there, or without it.
    expect([200, 404]).toContain((await never).status);
    expect((await fetch(`${base}v0-3.0.m4s`)).status).toBe(404);
  });

  test('holds 200 at once, and counts them as viewers', async () => {
    const playlist = await goLive();
    const answers = Array.from({ length: 200 }, () => fetch(`${playlist}?_HLS_msn=2&_HLS_part=2`));
    await waiting(200);
    send(1.2);
    const texts = await Promise.all(answers.map(async (answer) => (await answer).text()));
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toContain('URI="v0-2.2.m4s"');
    expect(viewers.count()).toBe(200);
    await waiting(0);
  });
});

async function waiting(count: number): Promise<void> {
  await expect
    .poll(async () => ((await (await fetch(`${url}/figures`)).json()) as { waiting: number }).waiting, {
      timeout: 5000,
      interval: 10,
    })
    .toBe(count);
}
