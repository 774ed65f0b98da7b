import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import { setTimeout as sleep } from 'node:timers/promises';
import { launchOptions } from '../../e2e/harness/chromium.ts';
import { playByWhep } from '../../e2e/page/whep-player.ts';
import { type ClockOptions, type ClockReport, publishClock, publisherStats, readClocks } from './clock-page.ts';
import { streamOf } from '../../e2e/harness/live-event.ts';
import { type Event, startEvent } from './event.ts';
import { playToItself } from './warm-page.ts';

const RUNS = 3;
/** How long delays are watched, in milliseconds. */
const WATCH_MS = 8000;
const FIRST_PICTURE_MS = 30_000;

export type DelayOptions = { codec: 'H264' | 'VP8'; height: number };

/**
 * How late the audience sees an event, from the canvas of the publisher to the screen of the viewer, and how long it takes
 * from the link to the first picture of what is live already, in a browser that runs. Both are Chromium, on the machine of the server, so that there
 * is one clock; the picture says in itself when it was drawn.
 */
export async function measureDelay({ codec, height }: DelayOptions): Promise<void> {
  const browser = await chromium.launch(launchOptions({ framesPerSecond: 30 }));
  const event = await startEvent();
  try {
    const publisher = await publish(browser, event, {
      ...{ url: `/whip/${event.room.id}`, key: event.server.streamKey(event.room), codec },
      ...{ width: (height * 16) / 9, height, framesPerSecond: 30, maxBitrate: height >= 720 ? 2_500_000 : 1_000_000 },
    });
    await streamOf(event.server, event.room);
    await sleep(3000);
    const sent = await publisher.evaluate(publisherStats);
    console.log(
      `published: ${sent.codec}, ${height}p, ${sent.framesPerSecond} pictures a second, ${sent.encodeMs.toFixed(1)} ms to encode one`,
    );
    await warmUp(browser, event);
    for (const tier of TIERS) await measureTier(browser, event, tier);
  } finally {
    await event.close();
    await browser.close();
  }
}

/** What a browser does at its first page and its first connection after it was started is nothing of ours: half a second. */
async function warmUp(browser: Browser, { server }: Event): Promise<void> {
  const context = await browser.newContext({ baseURL: server.origin });
  const page = await context.newPage();
  await page.goto('/');
  await page.evaluate(playToItself);
  await context.close();
}

async function publish(browser: Browser, { server }: Event, options: ClockOptions): Promise<Page> {
  const context = await browser.newContext({ baseURL: server.origin });
  const page = await context.newPage();
  await page.goto('/healthz');
  const status = await page.evaluate(publishClock, options);
  if (status !== 201) throw new Error(`The server refused the publisher: ${status}`);
  return page;
}

type Tier = { name: string; open(context: BrowserContext, event: Event): Promise<{ page: Page; firstMs: number }> };

function watchPage(name: string, watchFor: 'delay' | 'quality'): Tier {
  return {
    name,
    async open(context, { room }) {
      const page = await context.newPage();
      await page.addInitScript((value) => localStorage.setItem('amphi.watch-for', JSON.stringify(value)), watchFor);
      await page.goto(`/w/${room.id}`);
      await firstPicture(page);
      return { page, firstMs: (await report(page)).firstPictureAt };
    },
  };
}

const TIERS: readonly Tier[] = [
  watchPage('WebRTC', 'delay'),
  {
    name: 'WHEP (from the offer)',
    async open(context, { room }) {
      const page = await context.newPage();
      await page.goto('/healthz');
      const { status, detail } = await page.evaluate(playByWhep, { url: `/whep/${room.id}` });
      if (status !== 201) throw new Error(`The server refused a WHEP player: ${status} ${detail}`);
      await firstPicture(page);
      const first = () => page.evaluate(() => document.querySelector('video')?.dataset['firstFrameMs']);
      return { page, firstMs: Number(await first()) };
    },
  },
  watchPage('LL-HLS', 'quality'),
];

const report = (page: Page): Promise<ClockReport> => page.evaluate(() => window.clock);

async function firstPicture(page: Page): Promise<void> {
  await page.waitForFunction(() => window.clock.firstPictureAt > 0, null, { polling: 50, timeout: FIRST_PICTURE_MS });
}

async function measureTier(browser: Browser, event: Event, { name, open }: Tier): Promise<void> {
  const firsts: number[] = [];
  let marks: ClockReport['marks'] = {};
  for (let run = 1; run <= RUNS; run += 1) {
    // A new context has an empty cache. The window is small: software draws every pixel of it.
    const context = await browser.newContext({ baseURL: event.server.origin, viewport: { width: 640, height: 400 } });
    await context.addInitScript(readClocks);
    const { page, firstMs } = await open(context, event);
    firsts.push(firstMs);
    ({ marks } = await report(page));
    if (run === RUNS) await sayDelays(page, name);
    await context.close();
  }
  console.log(`  first picture after ${firsts.map((ms) => Math.round(ms)).join(', ')} ms, with an empty cache`);
  const way = Object.entries(marks).toSorted(([, one], [, other]) => one - other);
  console.log(`  the last one's way: ${way.map(([mark, ms]) => `${mark} ${Math.round(ms)}`).join(', ')}`);
}

async function sayDelays(page: Page, name: string): Promise<void> {
  // Until what a player does at its beginning is over.
  await sleep(5000);
  await page.evaluate(() => {
    window.clock.delays.length = 0;
    window.clock.ownDelays.length = 0;
  });
  await sleep(WATCH_MS);
  const { delays, ownDelays, width } = await report(page);
  console.log(
    `${name}: glass to glass ${spread(delays)} over ${delays.length} pictures in ${WATCH_MS / 1000} s, ${width} wide`,
  );
  if (ownDelays.length > 0) console.log(`  of that in the viewer's browser ${spread(ownDelays)}`);
}

function spread(values: readonly number[]): string {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? Number.NaN);
  return `${at(0.5)} ms (median), ${at(0.95)} ms (p95)`;
}
