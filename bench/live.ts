/**
 * `node bench/live.ts [h264|vp8] [viewers]`: how late the audience of an event sees it, from the canvas of the publisher to
 * the screen of the viewer, over WebRTC, WHEP and low-latency HLS; how long it takes from the link to the first picture of an
 * event that is live already; and what it costs the server for each viewer and for each megabit that is forwarded. The
 * picture is 720p30 of 2.5 Mbit/s, comes by WHIP from Chromium and says in itself when it was drawn; all is on one machine,
 * so that there is one clock. Prints figures and judges nothing. H.264 needs no transcoding, VP8 does.
 */
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import { createCall } from '@amphi/client';
import * as fakeParameters from 'mediasoup-client/fakeParameters';
import { FakeHandler } from 'mediasoup-client/handlers/FakeHandler';
import { setTimeout as sleep } from 'node:timers/promises';
import { launchOptions } from '../e2e/harness/chromium.ts';
import { type Room, Server } from '../e2e/harness/server.ts';
import { startReceiver } from '../e2e/harness/whep-receiver.ts';
import { playByWhep } from '../e2e/page/whep-player.ts';
import { type ClockOptions, type ClockReport, publishClock, publisherStats, readClocks } from './live/clock-page.ts';
import { type Cpu, cpuOf, difference, HlsLoad, total } from './live/load.ts';

const CODEC = process.argv[2] === 'vp8' ? 'VP8' : 'H264';
const VIEWERS = Number(process.argv[3] ?? 10);
const RUNS = 3;
/** How long the processor is watched, and the delay, in milliseconds. */
const WATCH_MS = 8000;
const FIRST_PICTURE_MS = 30_000;
const ENV = {
  AMPHI_LIMITS_CONNECTIONS_PER_MINUTE: '1000',
  AMPHI_LIMITS_REQUESTS_PER_MINUTE: '1000',
  AMPHI_LIVE_TRANSCODE_CORES: '2',
};

type Event = { server: Server; room: Room; publisher: Page; close(): Promise<void> };

/** A server with an event that is live. */
async function startEvent(browser: Browser, env: Record<string, string> = {}): Promise<Event> {
  const server = await Server.start({ env: { ...ENV, ...env } });
  const room = await server.createRoom();
  const context = await browser.newContext({ baseURL: server.origin });
  const publisher = await context.newPage();
  await publisher.goto('/healthz');
  const options: ClockOptions = {
    ...{ url: `/whip/${room.id}`, key: server.streamKey(room), codec: CODEC },
    ...{ width: 1280, height: 720, framesPerSecond: 30, maxBitrate: 2_500_000 },
  };
  const status = await publisher.evaluate(publishClock, options);
  if (status !== 201) throw new Error(`The server refused the publisher: ${status}`);
  const host = createCall({
    ...{ room: room.id, server: server.origin, hostKey: room.hostPath.split('host=')[1] ?? '' },
    ...{ direct: false, handlerFactory: FakeHandler.createFactory(fakeParameters) },
  });
  await host.join({ name: 'Host' });
  await host.request('live.prepare', { title: 'Bench' });
  await host.request('live.start', {});
  await host.leave();
  return {
    ...{ server, room, publisher },
    async close() {
      await context.close();
      await server.stop();
    },
  };
}

/** What the server used while nothing else was done, in cores. */
async function watchCpu({ server }: Event): Promise<Cpu> {
  const [before, since] = [cpuOf(server.pid), performance.now()];
  await sleep(WATCH_MS);
  return difference(cpuOf(server.pid), before, (performance.now() - since) / 1000);
}

const report = (page: Page): Promise<ClockReport> => page.evaluate(() => window.clock);

async function firstPicture(page: Page): Promise<void> {
  await page.waitForFunction(() => window.clock.firstPictureAt > 0, null, { polling: 50, timeout: FIRST_PICTURE_MS });
}

/** The delays of {@link WATCH_MS}. */
async function watchDelays(page: Page): Promise<number[]> {
  await page.evaluate(() => (window.clock.delays.length = 0));
  await sleep(WATCH_MS);
  return (await report(page)).delays;
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

async function measureTier(browser: Browser, event: Event, { name, open }: Tier): Promise<void> {
  const firsts: number[] = [];
  let marks: ClockReport['marks'] = {};
  for (let run = 1; run <= RUNS; run += 1) {
    const context = await browser.newContext({ baseURL: event.server.origin, viewport: { width: 1280, height: 720 } });
    await context.addInitScript(readClocks);
    const { page, firstMs } = await open(context, event);
    firsts.push(firstMs);
    ({ marks } = await report(page));
    if (run === RUNS) {
      // Until what a player does at its beginning is over.
      await sleep(5000);
      const delays = (await watchDelays(page)).toSorted((one, other) => one - other);
      const at = (share: number) => Math.round(delays[Math.floor(delays.length * share)] ?? Number.NaN);
      const { width } = await report(page);
      console.log(
        `${name}: glass to glass ${at(0.5)} ms (median), ${at(0.95)} ms (p95) over ${delays.length} pictures, ${width} wide`,
      );
    }
    await context.close();
  }
  const times = firsts.map((ms) => Math.round(ms)).join(', ');
  console.log(`  first picture of an event that is live after ${times} ms`);
  const way = Object.entries(marks).toSorted(([, one], [, other]) => one - other);
  console.log(`  the last one's way: ${way.map(([mark, ms]) => `${mark} ${Math.round(ms)}`).join(', ')}`);
}

const cores = (value: number) => value.toFixed(4);
const parts = ({ node, worker, ffmpeg }: Cpu) =>
  `node ${cores(node)}, worker ${cores(worker)}, ffmpeg ${cores(ffmpeg)}`;

/** What many viewers cost who decode nothing. */
async function measureLoad(event: Event, bare: Cpu): Promise<void> {
  const { server, room } = event;
  const say = (what: string, cpu: Cpu, megabits: number) =>
    console.log(
      `${VIEWERS} viewers over ${what}: ${cores(total(cpu) / VIEWERS)} core for each, ` +
        `${cores(total(cpu) / megabits)} for each of ${megabits.toFixed(1)} Mbit/s (${parts(cpu)})`,
    );
  if (CODEC === 'H264') {
    const url = `${server.origin}/whep/${room.id}`;
    const receivers: Awaited<ReturnType<typeof startReceiver>>[] = [];
    for (let viewer = 0; viewer < VIEWERS; viewer += 1) {
      receivers.push(await startReceiver({ url, bearer: 'none', payloadTypes: { audio: 111, video: 98 } }));
    }
    const bytes = () => receivers.reduce((sum, receiver) => sum + (receiver?.bytes() ?? 0), 0);
    await sleep(2000);
    const before = bytes();
    const cpu = difference(await watchCpu(event), bare);
    const megabits = ((bytes() - before) * 8) / 1e6 / (WATCH_MS / 1000);
    for (const receiver of receivers) await receiver?.stop();
    if (megabits > 0) say('WHEP', cpu, megabits);
    else console.log('SKIP: node-datachannel has no binary for this machine, so there are no native WHEP players.');
  }
  const index = await (await fetch(`${server.origin}/live/${room.id}/index.m3u8`)).text();
  const id = /^(.*)\/v0\.m3u8$/m.exec(index)?.[1] ?? '';
  const load = new HlsLoad(`${server.origin}/live/${room.id}/${id}`, VIEWERS);
  await sleep(2000);
  const before = load.bytes;
  const cpu = difference(await watchCpu(event), bare);
  say('LL-HLS', cpu, ((load.bytes - before) * 8) / 1e6 / (WATCH_MS / 1000));
  await load.stop();
}

async function main(): Promise<void> {
  const browser = await chromium.launch(launchOptions({ framesPerSecond: 30 }));
  try {
    const without = await startEvent(browser, { AMPHI_LIVE_HLS: 'off' });
    await sleep(4000);
    const bareOfHls = await watchCpu(without);
    await without.close();

    const event = await startEvent(browser);
    try {
      const path = `${event.server.origin}/live/${event.room.id}/index.m3u8`;
      while ((await fetch(path)).status !== 200) await sleep(200);
      await sleep(3000);
      const bare = await watchCpu(event);
      const { codec, framesPerSecond, bytes } = await event.publisher.evaluate(publisherStats);
      console.log(`published: ${codec}, ${framesPerSecond} pictures a second, ${(bytes / 1e6).toFixed(1)} MB so far`);
      console.log(`an event without viewers and without HLS, in cores: ${parts(bareOfHls)}`);
      const packing = difference(bare, bareOfHls);
      console.log(`HLS of it, tap, sound and packing: ${cores(total(packing))} (${parts(packing)})`);
      for (const tier of TIERS) await measureTier(browser, event, tier);
      await measureLoad(event, bare);
    } finally {
      await event.close();
    }
  } finally {
    await browser.close();
  }
}

await main();
