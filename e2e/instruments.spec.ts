import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { test as browserTest, expect } from './harness/fixtures.ts';
import { test as networkTest } from './net/fixtures.ts';
import { SERVER_ADDRESS } from './net/network.ts';

// What is measured with has to be right itself.

const GAP_MS = 900;

browserTest('the meters see a gap that is really there, and only that', async ({ people }) => {
  const ada = await people.open('Ada');
  await ada.page.goto('/');
  const readings = await ada.page.evaluate(async (gapMs) => {
    const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    const devices = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 180 } });
    const [from, to] = [new RTCPeerConnection(), new RTCPeerConnection()];
    from.addEventListener('icecandidate', ({ candidate }) => candidate && void to.addIceCandidate(candidate));
    to.addEventListener('icecandidate', ({ candidate }) => candidate && void from.addIceCandidate(candidate));
    const received = new MediaStream();
    to.addEventListener('track', ({ track }) => received.addTrack(track));
    const senders = devices.getTracks().map((track) => ({ track, sender: from.addTrack(track) }));
    await from.setLocalDescription();
    await to.setRemoteDescription(from.localDescription ?? { type: 'offer' });
    await to.setLocalDescription();
    await from.setRemoteDescription(to.localDescription ?? { type: 'answer' });

    // The tile and the call that the meters look for.
    const tile = document.createElement('div');
    Object.assign(tile.dataset, { testid: 'tile', memberId: 'x', source: 'camera' });
    const video = document.createElement('video');
    Object.assign(video, { srcObject: received, autoplay: true });
    video.dataset['active'] = '';
    tile.append(video);
    document.body.append(tile);
    const [mediaTrack] = received.getAudioTracks();
    Object.assign(window, { amphi: { call: { members: new Map([['x', { trackOf: () => ({ mediaTrack }) }]]) } } });

    const meters = [window.amphiTest.watchVideo('x', 'camera'), window.amphiTest.watchAudio('x')];
    await sleep(3000);
    for (const meter of meters) meter.reset();
    await sleep(1500);
    const before = meters.map((meter) => meter.read());
    for (const { sender } of senders) await sender.replaceTrack(null);
    await sleep(gapMs);
    for (const { sender, track } of senders) await sender.replaceTrack(track);
    await sleep(1500);
    return { before, after: meters.map((meter) => meter.read()) };
  }, GAP_MS);
  for (const { longestGapMs, count } of readings.before) {
    expect(longestGapMs).toBeLessThan(GAP_MS / 2);
    expect(count).toBeGreaterThan(10);
  }
  for (const { longestGapMs } of readings.after) {
    // The jitter buffer goes on with what it last heard for up to 200 ms.
    expect(longestGapMs).toBeGreaterThan(GAP_MS * 0.7);
    expect(longestGapMs).toBeLessThan(GAP_MS * 2);
  }
});

const ECHO = `
  import { createSocket } from 'node:dgram';
  const socket = createSocket('udp4');
  socket.on('message', (message, { port, address }) => socket.send(message, port, address));
  socket.bind(9, '${SERVER_ADDRESS}', () => console.log('ready'));
`;
const ASK = `
  import { createSocket } from 'node:dgram';
  const count = Number(process.argv[1]);
  const socket = createSocket('udp4');
  const times = [];
  socket.on('message', (message) => times.push(performance.now() - Number(message)));
  for (let i = 0; i < count; i += 1) {
    socket.send(String(performance.now()), 9, '${SERVER_ADDRESS}');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  socket.close();
  console.log(JSON.stringify(times));
`;

networkTest('the emulated link delays and loses as much as it is told to', async ({ network }) => {
  const host = await network.addClient('probe');
  const link = await host.addLink('eth0');
  const node = [process.execPath, '--input-type=module', '-e'];
  const echo = spawn('ip', ['netns', 'exec', network.serverNamespace, ...node, ECHO]);
  try {
    await once(echo.stdout, 'data');
    const roundTrips = async (count: number) => {
      const args = ['netns', 'exec', host.namespace, ...node, ASK, `${count}`];
      return JSON.parse((await promisify(execFile)('ip', args)).stdout) as number[];
    };
    const clean = await roundTrips(50);
    expect(clean).toHaveLength(50);
    expect(Math.min(...clean)).toBeLessThan(10);
    link.set({ delay: 40 });
    expect(Math.min(...(await roundTrips(20)))).toBeGreaterThan(79);
    link.mend();
    link.set({ loss: 20 }, 'up');
    const passed = (await roundTrips(500)).length;
    expect(passed).toBeGreaterThan(340);
    expect(passed).toBeLessThan(460);
    link.mend();
    link.set({ udp_drop: true });
    expect(await roundTrips(20)).toEqual([]);
    link.mend();
    expect(await roundTrips(20)).toHaveLength(20);
    await host.setUp('eth0', false);
    await host.setUp('eth0', true);
    expect(await roundTrips(20)).toHaveLength(20);
  } finally {
    echo.kill();
  }
});
