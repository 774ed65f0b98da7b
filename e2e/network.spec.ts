import type { Person } from './harness/person.ts';
import { connectionsOf } from './harness/rtc.ts';
import { expect, test } from './net/fixtures.ts';
import type { LinkSettings } from './net/link.ts';

// Between two in one browser a direct connection would not even use the bad link.
test.use({ roomOptions: { policy: { direct: false } } });
test.setTimeout(90_000);

test('UDP is blocked: media goes over TCP, and the prejoin page says so', async ({
  network,
  launch,
  people,
  room,
  measured,
}) => {
  const host = await network.addClient('office');
  const link = await host.addLink('eth0');
  link.set({ udp_drop: true });
  const browser = await launch(host);
  const ada = await people.visit('Ada', room, { browser });
  await expect(ada.networkCheck).toHaveAttribute('data-state', 'ok', { timeout: 15_000 });
  await expect(ada.networkCheck).toHaveAttribute('data-protocol', 'tcp');
  await ada.join();
  const ben = await people.join('Ben', room, { browser });
  await Promise.all([ada.seeing('Ben'), ben.seeing('Ada'), ada.hearing('Ben'), ben.hearing('Ada')]);
  for (const { protocol } of await connectionsOf(ada)) expect(protocol).toBe('tcp');
  measured('packets of UDP stopped', (await link.counters()).up.lost);
});

test('a change of network: the call goes on over the other address, on the same transports', async ({
  network,
  launch,
  people,
  room,
  measured,
}) => {
  const host = await network.addClient('phone');
  await host.addLink('wlan0', 10);
  await host.addLink('wwan0', 20);
  await host.setUp('wwan0', false);
  const browser = await launch(host);
  const ada = await people.join('Ada', room, { browser });
  const ben = await people.join('Ben', room, { browser });
  await Promise.all([ada.seeing('Ben'), ben.seeing('Ada'), ada.hearing('Ben'), ben.hearing('Ada')]);
  const selfId = await ada.inCall(({ call }) => call.selfId, null);
  const connections = () => ada.page.evaluate(() => window.amphiTest.connections.length);
  const before = await connections();
  const [view, ear] = await Promise.all([ada.watch('Ben'), ada.listenTo('Ben')]);
  await ada.page.waitForTimeout(1000);
  await Promise.all([view.reset(), ear.reset()]);

  const since = performance.now();
  await host.setUp('wlan0', false);
  await host.setUp('wwan0', true);
  await expect
    .poll(async () => (await view.read()).count, { timeout: 20_000, message: 'frames over the new address' })
    .toBeGreaterThan(15);
  await Promise.all([ada.seeing('Ben'), ben.seeing('Ada'), ada.hearing('Ben'), ben.hearing('Ada')]);
  measured('settled after, ms', Math.round(performance.now() - since));
  const freeze = (await view.read()).longestGapMs;
  measured('longest freeze, ms', freeze);
  measured('longest audio gap, ms', (await ear.read()).longestGapMs);
  expect(freeze).toBeLessThan(10_000);
  expect(await connections(), 'no transport was made anew').toBe(before);
  await expect.poll(() => ada.inCall(({ call }) => call.state, null), { timeout: 15_000 }).toBe('joined');
  expect(await ada.inCall(({ call }) => call.selfId, null)).toBe(selfId);
});

/** Lets the link be bad for a while and prints what came through. */
async function endure(
  listener: Person,
  speaker: string,
  seconds: number,
): Promise<{ freeze: number; silence: number; frames: number; concealed: number | null }> {
  const [view, ear] = await Promise.all([listener.watch(speaker), listener.listenTo(speaker)]);
  await listener.page.waitForTimeout(1000);
  await Promise.all([view.reset(), ear.reset(), listener.stats()]);
  await listener.page.waitForTimeout(seconds * 1000);
  const [seen, heard, { tracks }] = await Promise.all([view.read(), ear.read(), listener.stats()]);
  const audio = tracks.find(({ direction, source }) => direction === 'receive' && source === 'microphone');
  return {
    freeze: seen.longestGapMs,
    silence: heard.longestGapMs,
    frames: seen.count / seconds,
    concealed: audio?.concealed ?? null,
  };
}

/** The worker asks a publisher for a key frame, a second later once more, and never again by itself: the receiver has to. */
const UNHEARD_MS = 3000;
const CONDITIONS: { what: string; settings: LinkSettings; unlucky?: boolean; minFramesPerSecond: number }[] = [
  { what: '5 % loss, of key frame requests the first', settings: { loss: 5 }, unlucky: true, minFramesPerSecond: 5 },
  { what: '15 % loss', settings: { loss: 15 }, minFramesPerSecond: 1 },
  { what: '300 ms', settings: { delay: 150 }, minFramesPerSecond: 5 },
];

for (const { what, settings, unlucky = false, minFramesPerSecond } of CONDITIONS) {
  test(`${what}: joining works, picture and sound stay alive`, async ({ network, launch, people, room, measured }) => {
    const host = await network.addClient('far');
    const link = await host.addLink('eth0');
    const browser = await launch(host);
    const ada = await people.visit('Ada', room, { browser });
    const ben = await people.join('Ben', room, { browser });
    // Over TCP nothing would be lost, and all be late instead.
    const protocols = async () => new Set((await connectionsOf(ben)).map(({ protocol }) => protocol));
    await expect.poll(protocols).toEqual(new Set(['udp']));
    link.set({ ...settings, pli_drop: unlucky });
    const since = performance.now();
    await ada.join();
    if (unlucky) setTimeout(() => link.set({ pli_drop: false }), UNHEARD_MS);
    await ada.seeing('Ben', { timeout: 20_000 });
    measured('join to picture, ms', Math.round(performance.now() - since));
    await ben.seeing('Ada', { timeout: 20_000 });
    await ada.hearing('Ben');
    const { freeze, silence, frames, concealed } = await endure(ada, 'Ben', 10);
    measured('longest freeze, ms', freeze);
    measured('longest audio gap, ms', silence);
    measured('frames per second', frames);
    measured('concealed audio, %', concealed === null ? 'unknown' : (concealed * 100).toFixed(1));
    expect(silence).toBeLessThan(1500);
    expect(frames).toBeGreaterThan(minFramesPerSecond);
  });
}

/** How many frames the watch page has shown, and how much of the sound its browser had to make up, both so far. */
async function watched({ page }: Person): Promise<{ frames: number; samples: number; concealed: number }> {
  return page.evaluate(async () => {
    const video = document.querySelector<HTMLVideoElement>('[data-testid=watch-player] video');
    const reports = await Promise.all(window.amphiTest.connections.map((connection) => connection.getStats()));
    const all = reports.flatMap((report) => [...report.values()] as Record<string, unknown>[]);
    const sounds = all.filter(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio');
    const sum = (key: string) => sounds.reduce((total, each) => total + Number(each[key] ?? 0), 0);
    return {
      frames: video?.getVideoPlaybackQuality().totalVideoFrames ?? 0,
      samples: sum('totalSamplesReceived'),
      concealed: sum('concealedSamples'),
    };
  });
}

test('a viewer whose link loses 15 % sees the event move on and hears it, in real time or by the stream', async ({
  network,
  launch,
  people,
  room,
  measured,
}) => {
  const [far, near] = [await network.addClient('far'), await network.addClient('near')];
  const link = await far.addLink('eth0');
  await near.addLink('eth0');
  const hanna = await people.open('Hanna', { browser: await launch(near) });
  await hanna.goTo(room.hostPath);
  await hanna.join({ microphone: true });
  await hanna.inCall(async ({ call }) => {
    await call.request('live.prepare', { title: 'Launch day' });
    return call.request('live.start', {});
  }, null);
  const vera = await people.open('Vera', { browser: await launch(far) });
  link.set({ loss: 15 });
  await vera.page.goto(`/w/${room.id}`, { timeout: 30_000 });
  const player = vera.page.getByTestId('watch-player');
  const since = performance.now();
  await expect(player).toHaveAttribute('data-phase', 'playing', { timeout: 45_000 });
  measured('from the page to the picture, ms', Math.round(performance.now() - since));
  await vera.page.getByRole('button', { name: 'Tap for sound' }).click();
  await vera.page.waitForTimeout(3000);
  const before = await watched(vera);
  await vera.page.waitForTimeout(10_000);
  const after = await watched(vera);
  const tier = await player.getAttribute('data-tier');
  measured('tier', tier ?? '');
  measured('frames per second', (after.frames - before.frames) / 10);
  await expect(player).toHaveAttribute('data-phase', 'playing', { timeout: 15_000 });
  expect(after.frames - before.frames).toBeGreaterThan(20);
  if (tier !== 'webrtc') return;
  const made = (after.concealed - before.concealed) / Math.max(1, after.samples - before.samples);
  measured('sound made up, %', (made * 100).toFixed(1));
  expect(after.samples).toBeGreaterThan(before.samples);
  expect(made).toBeLessThan(0.1);
});

/**
 * For how many seconds the sound may be broken: after a link got thin in the middle of a call, until video has made room; and
 * after a join over a thin link, where video begins with what there is room for.
 */
const GLITCH_S = { cut: 5, join: 3 };
const THIN: LinkSettings = { rate: 300 };

/**
 * The share of the sound that the browser had to make up, for each second from now on. Each track of sound counts by
 * itself, and the worst one is what is answered.
 */
async function madeUp(listener: Person, seconds: number): Promise<number[]> {
  const shares: number[] = [];
  const since = performance.now();
  await listener.stats();
  for (let second = 1; second <= seconds; second += 1) {
    await listener.page.waitForTimeout(Math.max(0, since + second * 1000 - performance.now()));
    const { tracks } = await listener.stats();
    const heard = tracks.filter(({ direction, concealed }) => direction === 'receive' && concealed !== null);
    shares.push(Math.max(0, ...heard.map(({ concealed }) => concealed ?? 0)));
  }
  return shares;
}

const mean = (shares: number[]) => shares.reduce((sum, share) => sum + share, 0) / shares.length;
const percent = (share: number) => (share * 100).toFixed(1);

/** Expects whole sound some seconds from now on, and a shared screen that goes on beside it. */
async function expectWholeSound(
  listener: Person,
  speaker: string,
  { glitch: glitchS, whole: wholeS }: { glitch: number; whole: number },
  measured: (what: string, value: string | number) => void,
): Promise<void> {
  const [screen, ear] = await Promise.all([listener.watch(speaker, { source: 'screen' }), listener.listenTo(speaker)]);
  const glitch = await madeUp(listener, glitchS);
  await Promise.all([screen.reset(), ear.reset()]);
  const after = await madeUp(listener, wholeS);
  const [seen, heard] = await Promise.all([screen.read(), ear.read()]);
  measured('made up in each second, %', [...glitch, ...after].map(percent).join(' '));
  measured(`made up after ${glitchS} s, %`, percent(mean(after)));
  measured('longest audio gap after that, ms', heard.longestGapMs);
  measured('frames of the screen per second', (seen.count / wholeS).toFixed(1));
  measured('longest freeze of the screen, ms', seen.longestGapMs);
  expect(mean(after)).toBeLessThan(0.05);
  expect(heard.longestGapMs).toBeLessThan(500);
  expect(seen.count).toBeGreaterThan(wholeS / 2);
}

test('over 300 kbit/s the sound is whole and a shared screen goes on: after a link was cut to that, and after a join over it', async ({
  network,
  launch,
  people,
  room,
  measured,
}) => {
  test.setTimeout(120_000);
  const narrow = await network.addClient('narrow');
  const link = await narrow.addLink('eth0');
  const wide = await network.addClient('wide');
  await wide.addLink('eth0');
  const ada = await people.join('Ada', room, { browser: await launch(narrow) });
  const ben = await people.join('Ben', room, { browser: await launch(wide) });
  await Promise.all([ada.seeing('Ben'), ben.seeing('Ada'), ada.hearing('Ben')]);
  await ben.press('Share screen');
  await ada.seeing('Ben', { source: 'screen' });
  link.set(THIN);
  await expectWholeSound(ada, 'Ben', { glitch: GLITCH_S.cut, whole: 12 }, measured);

  await ada.leave();
  const left = performance.now();
  await ada.goTo(room.path);
  await expect(ada.networkCheck).toHaveAttribute('data-state', 'ok', { timeout: 15_000 });
  // Who clicks before the page has an idea of the link joins as over any other.
  const looks = () =>
    ada.signaling.messages.filter(
      ({ at, method, ackedAt }) => at > left && method === 'media.measure' && ackedAt !== null,
    );
  await expect.poll(() => looks().length, { message: 'the page knows how thin the link is' }).toBeGreaterThanOrEqual(2);
  const since = performance.now();
  await ada.join();
  await ada.hearing('Ben');
  measured('join to sound, ms', Math.round(performance.now() - since));
  await expectWholeSound(ada, 'Ben', { glitch: GLITCH_S.join, whole: 8 }, measured);
  link.mend();
});
