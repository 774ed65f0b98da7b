import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { makeClip } from './harness/clip.ts';
import { expect, test } from './harness/fixtures.ts';
import { startObs } from './harness/obs.ts';

const clip = makeClip(12);
test.afterAll(() => clip?.remove());
test.skip(
  clip === undefined,
  'SKIP: no ffmpeg with libx264 and libopus on this machine, so there is nothing to publish',
);

test('what OBS sends by WHIP is seen, is lost, comes back as the same, and goes', async ({
  people,
  room,
  serverForTest,
  measured,
}) => {
  if (!clip) return;
  const key = serverForTest.streamKey(room);
  const url = `${serverForTest.origin}/whip/${room.id}`;
  const ada = await people.join('Ada', room, { camera: false, microphone: false });
  const obs = await startObs({ url, key, clip });
  test.skip(obs === undefined, 'SKIP: node-datachannel has no binary for this machine');
  if (!obs) return;
  try {
    const since = performance.now();
    expect(await ada.seeing('Studio')).toMatchObject({ width: 640, height: 360 });
    measured('first picture of OBS, ms', Math.round(performance.now() - since));
    expect(obs.state()).toBe('connected');
    const id = await ada.memberId('Studio');

    obs.kill();
    const presence = () => ada.inCall(({ call }, member) => call.members.get(member)?.presence, id);
    await expect.poll(presence, { timeout: 20_000 }).toBe('reconnecting');
    const again = await startObs({ url, key, clip });
    try {
      await expect.poll(presence).toBe('here');
      await ada.seeing('Studio');
      expect(await ada.memberId('Studio')).toBe(id);
    } finally {
      await again?.stop();
    }
    await expect(ada.tile('Studio')).toHaveCount(0);
  } finally {
    obs.kill();
  }
});

test('what FFmpeg sends by WHIP is seen and heard', async ({ people, room, serverForTest }) => {
  if (!clip) return;
  const hasFfmpeg = await import('node-av/api').then(
    () => true,
    () => false,
  );
  test.skip(!hasFfmpeg, 'SKIP: node-av has no binary for this machine');
  const ada = await people.join('Ada', room, { camera: false, microphone: false });
  const program = fileURLToPath(new URL('../server/test/support/ffmpeg8.ts', import.meta.url));
  const url = `${serverForTest.origin}/whip/${room.id}`;
  const ffmpeg = spawn(process.execPath, [program, 'whip', clip.path, url, serverForTest.streamKey(room)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [ffmpeg.stdout, ffmpeg.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  try {
    expect(await ada.seeing('Studio')).toMatchObject({ width: 640, height: 360 });
    await ada.hearing('Studio');
  } catch (error) {
    console.log(output);
    throw error;
  } finally {
    ffmpeg.kill('SIGKILL');
  }
});

test('what a browser sends by WHIP with simulcast is seen, layer by layer', async ({ people, room, serverForTest }) => {
  const ada = await people.join('Ada', room, { camera: false, microphone: false });
  const page = await people.open('Publisher');
  await page.page.goto('/');
  const status = await page.page.evaluate(publish, { url: `/whip/${room.id}`, key: serverForTest.streamKey(room) });
  expect(status).toBe(201);
  await ada.seeing('Studio');
  await ada.hearing('Studio');
  // One of the three is forwarded: which one depends on the tile, and on how fast this machine is.
  const { width } = await ada.seeing('Studio');
  expect([240, 480, 960]).toContain(width);
  const sent = await page.page.evaluate(sentLayers);
  expect(sent.toSorted((a, b) => a - b)).toEqual([240, 480, 960]);
});

/** In the page: publishes the fake camera as a WHIP client would, in three layers from the best to the worst. */
async function publish({ url, key }: { url: string; key: string }): Promise<number> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 960, height: 540 } });
  const connection = new RTCPeerConnection();
  for (const track of stream.getTracks()) {
    const sendEncodings =
      track.kind === 'audio'
        ? []
        : [{ rid: 'h' }, { rid: 'm', scaleResolutionDownBy: 2 }, { rid: 'l', scaleResolutionDownBy: 4 }];
    connection.addTransceiver(track, { direction: 'sendonly', streams: [stream], sendEncodings });
  }
  await connection.setLocalDescription();
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/sdp' };
  const response = await fetch(url, { method: 'POST', headers, body: connection.localDescription?.sdp ?? '' });
  if (response.status === 201) await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
  return response.status;
}

/** In the page: the widths of the layers that are encoded. */
async function sentLayers(): Promise<number[]> {
  const reports = [...((await window.amphiTest.connections.at(-1)?.getStats()) ?? new Map()).values()];
  const isVideo = ({ type, kind }: { type: string; kind?: string }) => type === 'outbound-rtp' && kind === 'video';
  return reports.filter(isVideo).map(({ frameWidth }) => Number(frameWidth));
}
