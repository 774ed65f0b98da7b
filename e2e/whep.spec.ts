import { makeClip } from './harness/clip.ts';
import { expect, test } from './harness/fixtures.ts';
import { startObs } from './harness/obs.ts';
import type { Person } from './harness/person.ts';
import { startReceiver } from './harness/whep-receiver.ts';
import { playByWhep, type PlayerOptions, type PlayerReport } from './page/whep-player.ts';

const clip = makeClip(12);
test.afterAll(() => clip?.remove());

/** Has the event of the host's room begin. */
function goLive(host: Person): Promise<unknown> {
  return host.inCall(async ({ call }) => {
    await call.request('live.prepare', { title: 'Launch day' });
    return call.request('live.start', {});
  }, null);
}

/** A page that is nobody's app: a player and nothing else. */
/** In pixels, of the cameras of these tests; which of its layers arrives is a matter of the bandwidth. */
const WIDEST_CAMERA = 640;

async function play(page: Person, options: PlayerOptions): Promise<PlayerReport> {
  await page.page.goto('/');
  return page.page.evaluate(playByWhep, options);
}

/** Waits until the player shows something that is not of one colour, and answers its size. */
async function seeing(player: Person, timeout = 20_000): Promise<{ width: number; height: number }> {
  const look = () =>
    player.page.evaluate(() => window.amphiTest.look(document.querySelector('video') as HTMLVideoElement));
  await expect.poll(async () => (await look()).spread, { timeout }).toBeGreaterThan(20);
  return look();
}

/** Milliseconds from the player's offer to its first picture. */
function firstPicture(player: Person): Promise<string> {
  return player.page.evaluate(() => document.querySelector('video')?.dataset['firstFrameMs'] ?? 'none');
}

/** What the player's connection received of a kind so far. */
function received(player: Person, kind: 'audio' | 'video') {
  return player.page.evaluate(async (wanted) => {
    const stats: Record<string, unknown>[] = [
      ...((await window.amphiTest.connections.at(-1)?.getStats()) ?? new Map()).values(),
    ];
    const inbound = stats.find((each) => each['type'] === 'inbound-rtp' && each['kind'] === wanted);
    const codec = stats.find((each) => each['id'] === inbound?.['codecId']);
    return {
      mimeType: String(codec?.['mimeType']),
      payloadType: Number(codec?.['payloadType']),
      framesDecoded: Number(inbound?.['framesDecoded'] ?? 0),
      freezes: Number(inbound?.['freezeCount'] ?? 0),
      packets: Number(inbound?.['packetsReceived'] ?? 0),
      energy: Number(inbound?.['totalAudioEnergy'] ?? 0),
      ssrc: Number(inbound?.['ssrc']),
    };
  }, kind);
}

const moves = (player: Person) => async () => {
  const before = (await received(player, 'video')).framesDecoded;
  await player.page.waitForTimeout(500);
  return (await received(player, 'video')).framesDecoded - before;
};

test('a plain player in Chromium sees and hears the stage, and goes on when that changes', async ({
  people,
  serverForTest,
  measured,
}) => {
  test.setTimeout(120_000);
  const room = await serverForTest.createRoom();
  const hanna = await people.open('Hanna');
  await hanna.goTo(room.hostPath);
  await hanna.join();
  await goLive(hanna);

  const player = await people.open('Player');
  const url = `/whep/${room.id}`;
  // Payload types that no router of ours has.
  const options: PlayerOptions = {
    url,
    payloadTypes: [
      [96, 50],
      [111, 51],
    ],
  };
  expect(await play(player, options)).toMatchObject({ status: 201 });
  await seeing(player);
  measured('WHEP in Chromium: from the offer to the picture, ms', await firstPicture(player));
  const video = await received(player, 'video');
  expect(video).toMatchObject({ mimeType: 'video/VP8', payloadType: 50 });
  await expect.poll(async () => (await received(player, 'audio')).energy, { timeout: 15_000 }).toBeGreaterThan(0);
  expect((await received(player, 'audio')).payloadType).toBe(51);

  // One who comes later to what flows already, of the same kind.
  const late = await people.open('Late');
  expect(await play(late, options)).toMatchObject({ status: 201 });
  await seeing(late);
  measured('WHEP in Chromium, the second player: from the offer to the picture, ms', await firstPicture(late));

  await hanna.press('Share screen');
  const size = () => seeing(player).then(({ width }) => width);
  const changed = performance.now();
  await expect.poll(size, { timeout: 20_000 }).toBeGreaterThan(WIDEST_CAMERA);
  measured('WHEP: from sharing a screen to its picture, ms', Math.round(performance.now() - changed));
  await expect.poll(moves(player), { timeout: 15_000 }).toBeGreaterThan(0);
  await player.page.screenshot({ path: 'test-results/whep-screen.png' });
  await hanna.press('Stop sharing');
  await expect.poll(size, { timeout: 20_000 }).toBeLessThanOrEqual(WIDEST_CAMERA);
  await expect.poll(moves(player), { timeout: 15_000 }).toBeGreaterThan(0);
  // All the time it was the same stream.
  expect((await received(player, 'video')).ssrc).toBe(video.ssrc);

  await hanna.inCall(({ call }) => call.request('live.stop', {}), null);
  await expect.poll(moves(player), { timeout: 15_000 }).toBe(0);
  expect(await play(late, { url })).toMatchObject({ status: 409 });
});

test('a player that takes a counter-offer is given one', async ({ people, serverForTest }) => {
  const room = await serverForTest.createRoom();
  const hanna = await people.open('Hanna');
  await hanna.goTo(room.hostPath);
  await hanna.join();
  await goLive(hanna);
  const player = await people.open('Player');
  expect(await play(player, { url: `/whep/${room.id}?offer=server` })).toMatchObject({ status: 406 });
  await seeing(player);
  expect(await received(player, 'video')).toMatchObject({ mimeType: 'video/VP8', payloadType: 120 });
});

test('what OBS sends is played by Chromium and by a native player, as it is', async ({
  people,
  serverForTest,
  measured,
}) => {
  test.skip(
    clip === undefined,
    'SKIP: no ffmpeg with libx264 and libopus on this machine, so there is nothing to play',
  );
  if (!clip) return;
  test.setTimeout(120_000);
  const room = await serverForTest.createRoom({ policy: { password: 'open-sesame' } });
  const hanna = await people.open('Hanna');
  await hanna.goTo(room.hostPath);
  await hanna.join({ camera: false, microphone: false });
  const obs = await startObs({
    url: `${serverForTest.origin}/whip/${room.id}`,
    key: serverForTest.streamKey(room),
    clip,
  });
  test.skip(obs === undefined, 'SKIP: node-datachannel has no binary for this machine');
  if (!obs) return;
  try {
    await goLive(hanna);
    const url = `${serverForTest.origin}/whep/${room.id}`;
    const native = await startReceiver({ url, bearer: 'open-sesame', payloadTypes: { audio: 98, video: 99 } });
    try {
      await expect.poll(() => native?.keyFrame()?.size, { timeout: 20_000 }).toEqual({ width: 640, height: 360 });
      await expect.poll(() => native?.packets('audio') ?? 0).toBeGreaterThan(20);
      expect(native?.payloadTypes()).toEqual({ audio: [98], video: [99] });
      expect(native?.gaps()).toBe(0);
    } finally {
      await native?.stop();
    }
    const player = await people.open('Player');
    const path = `/whep/${room.id}`;
    expect(await play(player, { url: path })).toMatchObject({ status: 401 });
    expect(await play(player, { url: path, bearer: 'open-sesame', videoCodec: 'H264' })).toMatchObject({ status: 201 });
    expect(await seeing(player)).toMatchObject({ width: 640, height: 360 });
    measured('WHEP of OBS in Chromium: from the offer to the picture, ms', await firstPicture(player));
    expect((await received(player, 'video')).mimeType).toBe('video/H264');
    await player.page.screenshot({ path: 'test-results/whep-obs.png' });
  } finally {
    obs.kill();
  }
});
