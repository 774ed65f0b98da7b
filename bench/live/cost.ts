import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Clip, makeClip } from '../../e2e/harness/clip.ts';
import { type Receiver, startReceiver } from '../../e2e/harness/whep-receiver.ts';
import { streamOf } from '../../e2e/harness/live-event.ts';
import { type Event, startEvent } from './event.ts';
import { type Cpu, cpuOf, difference, HlsLoad, total } from './load.ts';

/** How long the processor is watched, in milliseconds: the kernel tells hundredths of a second. */
const WATCH_MS = 30_000;
/** Until V8 has compiled what is done all the time, and compiled it once more, in milliseconds: events last for hours. */
const WARM_MS = 45_000;
const PUBLISHER = fileURLToPath(new URL('../../server/test/support/ffmpeg8.ts', import.meta.url));

/**
 * What an event costs the server: 720p30 of 2.5 Mbit/s in H.264 with sound, encoded beforehand and sent by FFmpeg's WHIP
 * muxer, so that no encoder is in the way; taken by players that decode nothing.
 */
export async function measureCost(viewers: number): Promise<void> {
  const clip = makeClip(150, { height: 720, framesPerSecond: 30, kilobits: 2500, keyFrameEvery: 2 });
  if (!clip) {
    console.log('SKIP: no ffmpeg with libx264 and libopus on this machine, so there is nothing to publish');
    return;
  }
  try {
    const bare = await withEvent(clip, { AMPHI_LIVE_HLS: 'off' }, async (event) => {
      await sleep(WARM_MS);
      const cpu = await watchCpu(event);
      console.log(`an event without viewers and without HLS, in cores: ${parts(cpu)}`);
      await measureWhep(event, cpu, viewers);
      return cpu;
    });
    await withEvent(clip, {}, async (event) => {
      const base = await streamOf(event.server, event.room);
      await sleep(WARM_MS);
      const idle = await watchCpu(event);
      const packing = difference(idle, bare);
      console.log(`HLS of it, nothing transcoded, in cores: ${cores(total(packing))} (${parts(packing)})`);
      const load = new HlsLoad(base, viewers);
      await sleep(2000);
      const before = load.bytes;
      const cpu = difference(await watchCpu(event), idle);
      say('LL-HLS', viewers, cpu, load.bytes - before);
      await load.stop();
    });
  } finally {
    clip.remove();
  }
}

async function withEvent<T>(clip: Clip, env: Record<string, string>, work: (event: Event) => Promise<T>): Promise<T> {
  const event = await startEvent(env);
  let publisher: ChildProcess | undefined;
  try {
    publisher = await publish(clip, event);
    await sleep(3000);
    return await work(event);
  } finally {
    publisher?.kill('SIGKILL');
    await event.close();
  }
}

async function publish(clip: Clip, { server, room }: Event): Promise<ChildProcess> {
  const url = `${server.origin}/whip/${room.id}`;
  const child = spawn(process.execPath, [PUBLISHER, 'whip', clip.path, url, server.streamKey(room)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [begun] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (!Buffer.isBuffer(begun)) throw new Error('FFmpeg did not publish.');
  return child;
}

/** What the server used while nothing else was done, in cores. */
async function watchCpu({ server }: Event): Promise<Cpu> {
  const [before, since] = [cpuOf(server.pid), performance.now()];
  await sleep(WATCH_MS);
  return difference(cpuOf(server.pid), before, (performance.now() - since) / 1000);
}

async function measureWhep(event: Event, bare: Cpu, viewers: number): Promise<void> {
  const url = `${event.server.origin}/whep/${event.room.id}`;
  const receivers: Receiver[] = [];
  for (let viewer = 0; viewer < viewers; viewer += 1) {
    const receiver = await startReceiver({ url, bearer: 'none', payloadTypes: { audio: 111, video: 98 } });
    if (receiver) receivers.push(receiver);
  }
  if (receivers.length === 0) {
    console.log('SKIP: node-datachannel has no binary for this machine, so there are no native WHEP players');
    return;
  }
  const bytes = () => receivers.reduce((sum, receiver) => sum + receiver.bytes(), 0);
  await sleep(2000);
  const before = bytes();
  const cpu = difference(await watchCpu(event), bare);
  const came = bytes() - before;
  if (receivers.some((receiver) => receiver.keyFrame() === undefined)) throw new Error('A WHEP player got no picture.');
  say('WHEP', viewers, cpu, came);
  for (const receiver of receivers) await receiver.stop();
}

const cores = (value: number) => value.toFixed(4);
const parts = ({ node, worker, ffmpeg }: Cpu) =>
  `node ${cores(node)}, worker ${cores(worker)}, ffmpeg ${cores(ffmpeg)}`;

function say(what: string, viewers: number, cpu: Cpu, bytes: number): void {
  const megabits = (bytes * 8) / 1e6 / (WATCH_MS / 1000);
  console.log(
    `${viewers} viewers over ${what}: ${cores(total(cpu) / viewers)} core for each, ` +
      `${cores(total(cpu) / megabits)} for each of ${megabits.toFixed(1)} Mbit/s (${parts(cpu)})`,
  );
}
