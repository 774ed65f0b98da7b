/**
 * `node bench/join.ts`: how long it takes from the click on "Join" to the first decoded frame of somebody else, cold
 * (nothing was done before) and warm (socket, ICE and DTLS were), at 0 and at 100 ms round trip. Prints figures and
 * judges nothing.
 */
import { type Browser, type BrowserContext, type Page, chromium } from '@playwright/test';
import { fileURLToPath } from 'node:url';
import { bundle, OWN_PAGE } from '../e2e/harness/bundle.ts';
import { launchOptions } from '../e2e/harness/chromium.ts';
import { type Room, Server } from '../e2e/harness/server.ts';
import { Signaling } from '../e2e/harness/signaling.ts';
import { launchIn, startServerIn } from '../e2e/net/fixtures.ts';
import type { Link } from '../e2e/net/link.ts';
import { Network } from '../e2e/net/network.ts';

const RUNS = 5;
const ROUND_TRIPS_MS = [0, 100];
const SDK_PAGE = fileURLToPath(new URL('./sdk-page.ts', import.meta.url));

type Run = { ms: number; requests: string[]; roundTrips: number | null };
type Way = { name: string; run: (context: BrowserContext, room: Room) => Promise<Run> };

declare global {
  interface Window {
    bench: { ready: boolean; clickedAt: number; firstFrameAt: number };
  }
}

/** A page of the bench at the server's own origin, so that it may speak to the server. */
async function openSdkPage(page: Page, room: Room, code: string, query: string): Promise<void> {
  await page.route(`**/${room.id}*`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: '<!doctype html><body><script type="module" src="/bench.js"></script>',
    }),
  );
  await page.route('**/bench.js', (route) => route.fulfill({ contentType: 'text/javascript', body: code }));
  await page.goto(`/${room.id}${query}`);
  await page.waitForFunction(() => window.bench?.ready, null, { timeout: 30_000 });
}

async function measure(page: Page, signaling: Signaling, click: () => Promise<void>): Promise<Run> {
  const from = performance.now();
  await click();
  await page.waitForFunction(() => window.bench.firstFrameAt > 0, null, { polling: 'raf', timeout: 30_000 });
  const ms = await page.evaluate(() => window.bench.firstFrameAt - window.bench.clickedAt);
  return {
    ms,
    requests: signaling.requestsBetween(from, performance.now()),
    // This is what the media waits for; the key frame follows.
    roundTrips: signaling.roundTripsBefore('consumer.ready', from),
  };
}

async function withSdk(context: BrowserContext, room: Room, code: string, query: string): Promise<Run> {
  const page = await context.newPage();
  const signaling = new Signaling(page);
  await openSdkPage(page, room, code, query);
  return measure(page, signaling, () => page.getByRole('button', { name: 'Join' }).click());
}

/** The web app as people use it: the prejoin page has warmed everything before anybody can have typed a name. */
async function withApp(context: BrowserContext, room: Room): Promise<Run> {
  const page = await context.newPage();
  const signaling = new Signaling(page);
  await page.addInitScript(() => {
    window.bench = { ready: true, clickedAt: 0, firstFrameAt: 0 };
    addEventListener('click', (event) => (window.bench.clickedAt = event.timeStamp), { capture: true });
    const seen = new WeakSet<Element>();
    new MutationObserver(() => {
      for (const video of document.querySelectorAll<HTMLVideoElement>('[data-name=Ben] video')) {
        if (seen.has(video)) continue;
        seen.add(video);
        video.requestVideoFrameCallback((now) => (window.bench.firstFrameAt ||= now));
      }
    }).observe(document, { subtree: true, childList: true });
  });
  await page.goto(room.path);
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ada');
  await page.locator('[data-testid=network-check][data-state=ok]').waitFor({ timeout: 30_000 });
  return measure(page, signaling, () => page.getByRole('button', { name: 'Join now' }).click());
}

function median(values: number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function bench(browser: Browser, server: Server, ways: Way[], roundTripMs: number): Promise<void> {
  const options = { baseURL: server.origin, ignoreHTTPSErrors: true };
  const room = await server.createRoom({ policy: { direct: false } });
  const other = await browser.newContext(options);
  const ben = await other.newPage();
  await ben.goto(room.path);
  await ben.getByRole('textbox', { name: 'Your name' }).fill('Ben');
  await ben.getByRole('button', { name: 'Join now' }).click();
  await ben.getByRole('toolbar').waitFor();
  for (const { name, run } of ways) {
    const runs: Run[] = [];
    for (let i = 0; i < RUNS; i += 1) {
      const context = await browser.newContext({ ...options, ...OWN_PAGE });
      runs.push(await run(context, room));
      await context.close();
      // Until the room has noticed that the last one left.
      await ben.waitForFunction(() => document.querySelectorAll('[data-testid=tile]').length === 1, null, {
        timeout: 30_000,
      });
    }
    const times = runs.map(({ ms }) => ms);
    // Without a delay any answer is there before the next request, whether or not that one waited for it. With one, chance
    // can still make an answer that nobody waited for come early, so the least of all runs is the truth.
    const least = Math.min(...runs.map((each) => each.roundTrips ?? Infinity));
    const roundTrips = roundTripMs === 0 ? 'not counted without a delay: ' : `${least} `;
    console.log(
      `${String(roundTripMs).padStart(4)} ms round trip, ${name}: median ${Math.round(median(times))} ms ` +
        `(${Math.round(Math.min(...times))} to ${Math.round(Math.max(...times))}, ${RUNS} runs); ` +
        `${roundTrips}signaling round trips before media is asked for; sent: ${runs.at(-1)?.requests.join(', ')}`,
    );
  }
  await other.close();
}

async function main(): Promise<void> {
  const code = await bundle(SDK_PAGE);
  const ways: Way[] = [
    { name: 'cold (SDK)', run: (context, room) => withSdk(context, room, code, '') },
    { name: 'warm (SDK)', run: (context, room) => withSdk(context, room, code, '?warm') },
    { name: 'warm (web app)', run: withApp },
  ];
  const env = { AMPHI_MEDIA_CAMERA_FRAME_RATE: '30' };
  const unsupported = await Network.unsupported();
  if (unsupported) {
    console.log(`Only without delay, because ${unsupported}.`);
    const server = await Server.start({ env });
    const browser = await chromium.launch(launchOptions({ framesPerSecond: 30 }));
    try {
      await bench(browser, server, ways, 0);
    } finally {
      await browser.close();
      await server.stop();
    }
    return;
  }
  const network = await Network.create();
  const server = await startServerIn(network, env);
  const host = await network.addClient('bench');
  const link: Link = await host.addLink('eth0');
  const browser = await launchIn(host, { framesPerSecond: 30 });
  try {
    for (const roundTripMs of ROUND_TRIPS_MS) {
      link.set({ delay: roundTripMs / 2 });
      await bench(browser, server, ways, roundTripMs);
    }
  } finally {
    await browser.close();
    await server.stop();
    await network.close();
  }
}

await main();
