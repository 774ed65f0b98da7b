import { chromium, expect, test } from '@playwright/test';
import { launchOptions } from './harness/chromium.ts';
import { type HlsOrigin, startHlsOrigin } from './harness/hls-origin.ts';
import { type Reader, startFfmpeg, startGStreamer } from './harness/readers.ts';

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
let others: { name: string; reader: Reader | undefined; beforeReturn: number }[] = [];
// The other readers see what the first test does to the stream.
test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  origin = await startHlsOrigin();
});
test.afterAll(async () => {
  for (const { reader } of others) reader?.kill();
  await origin.close();
});

test('hls.js plays what is live some seconds late, over a change of size and a publisher who comes back', async () => {
  test.setTimeout(180_000);
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

  const index = `${origin.url}/live/lab/index.m3u8`;
  others = [
    { name: 'ffmpeg', reader: startFfmpeg(index), beforeReturn: 0 },
    { name: 'GStreamer', reader: startGStreamer(index), beforeReturn: 0 },
  ];
  // They shall see both sizes.
  const read = () => Math.min(...others.map(({ reader }) => reader?.pictures() ?? Infinity));
  await expect.poll(read, { timeout: 30_000 }).toBeGreaterThan(30);
  origin.shrink();
  await expect.poll(width, { timeout: 20_000 }).toBe(320);

  origin.pause();
  await page.waitForTimeout(12_000);
  const before = await frames();
  for (const other of others) other.beforeReturn = other.reader?.pictures() ?? 0;
  origin.resume();
  await expect.poll(frames, { timeout: 20_000 }).toBeGreaterThan(before + 60);
  expect(await page.evaluate(() => globalThis.player.fatal)).toEqual([]);
  await browser.close();
});

// Players that know nothing of parts: they take whole segments, and ask for the next ones when they have had all.
for (const [name, skip] of [
  ['ffmpeg', ''],
  [
    'GStreamer',
    'SKIP: no GStreamer with a player for HLS (apt-get install gstreamer1.0-tools and the plugins of the tests)',
  ],
] as const) {
  test(`${name} has read on meanwhile, over the change of size and the pause`, async () => {
    test.setTimeout(90_000);
    const { reader, beforeReturn } = others.find((other) => other.name === name) ?? never();
    test.skip(reader === undefined, skip);
    if (!reader) return;
    await expect.poll(reader.pictures, { timeout: 60_000 }).toBeGreaterThan(beforeReturn + 150);
    await expect.poll(reader.sounds, { timeout: 20_000 }).toBeGreaterThan(400);
    expect(reader.sizes()).toEqual(expect.arrayContaining(['640', '320']));
    expect(reader.said()).not.toMatch(/error while decoding|Invalid data|[Nn]on-monoton|^ERROR/m);
  });
}

function never(): never {
  throw new Error('The stream was not read');
}
