import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { chromium, expect, test } from '@playwright/test';
import { launchOptions } from './harness/chromium.ts';
import { type HlsOrigin, startHlsOrigin } from './harness/hls-origin.ts';

type Player = { latency: number; media: HTMLVideoElement; fatal: string[] };
type Hls = {
  latency: number;
  loadSource(url: string): void;
  attachMedia(video: HTMLVideoElement): void;
  on(event: string, then: (event: string, data: { fatal: boolean; details: string }) => void): void;
};
declare global {
  // oxlint-disable-next-line no-var
  var player: Player;
}

let origin: HlsOrigin;
test.beforeAll(async () => {
  origin = await startHlsOrigin();
});
test.afterAll(() => origin.close());

test('hls.js plays what is live some seconds late, over a change of size and a publisher who comes back', async () => {
  test.setTimeout(120_000);
  const browser = await chromium.launch(launchOptions());
  const page = await browser.newPage();
  await page.goto(origin.url);
  await expect
    .poll(async () => (await fetch(`${origin.url}/live/lab/index.m3u8`)).status, { timeout: 15_000 })
    .toBe(200);
  await page.evaluate(() => {
    const { Hls } = globalThis as unknown as { Hls: new (options: object) => Hls };
    const media = document.querySelector('video') as HTMLVideoElement;
    const hls = new Hls({ lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.5 });
    const fatal: string[] = [];
    hls.on('hlsError', (_event, { fatal: isFatal, details }) => void (isFatal && fatal.push(details)));
    hls.loadSource('/live/lab/index.m3u8');
    hls.attachMedia(media);
    globalThis.player = {
      get latency() {
        return hls.latency;
      },
      media,
      fatal,
    };
  });
  const frames = () => page.evaluate(() => globalThis.player.media.getVideoPlaybackQuality().totalVideoFrames);
  const width = () => page.evaluate(() => globalThis.player.media.videoWidth);
  await expect.poll(frames, { timeout: 15_000 }).toBeGreaterThan(60);
  expect(await width()).toBe(640);
  // The player comes closer to the end by playing faster.
  await expect.poll(() => page.evaluate(() => globalThis.player.latency), { timeout: 20_000 }).toBeLessThan(4);
  const latency = await page.evaluate(() => globalThis.player.latency);
  test.info().annotations.push({ type: 'latency of hls.js', description: `${latency.toFixed(2)} s` });
  expect(origin.requests.some((path) => path.includes('_HLS_part='))).toBe(true);

  origin.shrink();
  await expect.poll(width, { timeout: 20_000 }).toBe(320);

  origin.pause();
  await page.waitForTimeout(12_000);
  const before = await frames();
  origin.resume();
  await expect.poll(frames, { timeout: 20_000 }).toBeGreaterThan(before + 60);
  expect(await page.evaluate(() => globalThis.player.fatal)).toEqual([]);
  await browser.close();
});

test('ffmpeg reads what is live', async () => {
  test.setTimeout(90_000);
  const index = `${origin.url}/live/lab/index.m3u8`;
  await expect.poll(async () => (await fetch(index)).status, { timeout: 20_000 }).toBe(200);
  // It does not know of parts, and takes whole segments as they come.
  const { stderr } = await promisify(execFile)(
    'ffmpeg',
    ['-v', 'info', '-nostats', '-i', index, '-t', '6', '-map', '0:v:0', '-map', '0:a:0', '-f', 'null', '-'],
    { timeout: 60_000 },
  );
  expect(stderr).toMatch(/Video: h264/);
  expect(stderr).toMatch(/Audio: aac/);
  expect(Number(/frame=\s*(\d+)/.exec(stderr)?.[1])).toBeGreaterThanOrEqual(170);
  expect(stderr).not.toMatch(/error while decoding|Invalid data/);
});
