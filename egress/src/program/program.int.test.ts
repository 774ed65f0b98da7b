import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { StreamFolder } from '../hls/folder.ts';
import { HlsStream } from '../hls/stream.ts';
import { CollectingSink, type Stretch, toMp4 } from '../testing/collect.ts';
import { startStage } from '../testing/stage-lab.ts';
import { TranscodeBudget } from './budget.ts';
import { createProgram, type ProgramOptions } from './create-program.ts';
import type { ProgramFrame } from './program.ts';

// The worker, its taps and ffmpeg are real; what a browser would send comes from ffmpeg as plain RTP.

const run = promisify(execFile);
let folder: string;
let stage: Awaited<ReturnType<typeof startStage>>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amphi-program-'));
  stage = await startStage();
});
afterEach(async () => {
  stage.close();
  await rm(folder, { recursive: true });
});

async function startProgram(options: Partial<ProgramOptions> = {}) {
  const sink = new CollectingSink();
  const budget = new TranscodeBudget(2);
  const program = await createProgram({ room: stage.room, layout: 'grid', logger: stage.logger, budget, ...options });
  program.attach(sink);
  return { program, sink };
}

const within = { timeout: 20_000, interval: 50 };
/** For what needs several processes to begin, and pictures to be decoded by the test. */
const patient = { timeout: 60_000, interval: 500 };

/** Decodes frames with ffmpeg, and answers what it complained of and how many pictures there were. */
async function decodeVideo({ format, videos }: Stretch, rendition = 0) {
  const { width, height, config } = format.videos[rendition] ?? { width: 0, height: 0, config: Buffer.alloc(0) };
  const file = join(folder, `${rendition}.mp4`);
  const frames = videos[rendition] ?? [];
  await writeFile(file, toMp4({ kind: 'video', codec: 'h264', width, height, config }, 90_000, frames));
  const { stderr, stdout } = await run('ffmpeg', [
    ...['-v', 'error', '-i', file, '-fps_mode', 'passthrough', '-f', 'framemd5', '-'],
  ]);
  return { stderr, pictures: stdout.split('\n').filter((line) => /^\d/.test(line)).length, file };
}

const AAC = {
  ...({ kind: 'audio', codec: 'aac', channels: 2, sampleRate: 48_000 } as const),
  config: Buffer.from([0x11, 0x90]),
};

/** The mean volume in dB of some frames, of what a band around a frequency lets through. */
async function volume(frames: readonly ProgramFrame[], hertz: number): Promise<number> {
  const file = join(folder, 'sound.mp4');
  await writeFile(file, toMp4(AAC, 48_000, frames));
  const filters = `bandpass=f=${hertz}:width_type=h:w=50,volumedetect`;
  const { stderr } = await run('ffmpeg', ['-i', file, '-af', filters, '-f', 'null', '-']);
  return Number(/mean_volume: (-?[\d.]+) dB/.exec(stderr)?.[1]);
}

function expectGrowing(frames: readonly ProgramFrame[]): void {
  const times = frames.map(({ timeUs }) => timeUs);
  expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
}

it('passes H.264 through with its layers as renditions, and mixes all sound', { timeout: 60_000 }, async () => {
  await stage.join('ada');
  await stage.join('bob');
  const { program, sink } = await startProgram();
  await stage.sendPicture('ada', { codec: 'h264', layers: ['160x90', '320x180'] });
  await stage.sendTone('ada', 440);
  await stage.sendTone('bob', 1000);
  await expect.poll(() => sink.last?.videos.every((frames) => frames.length > 45), within).toBe(true);
  const stretch = sink.last as Stretch;
  expect(sink.told).toEqual(['format']);
  expect(program.state).toMatchObject({ picture: 'passthrough', audio: 'on' });
  // The room knows nothing of it.
  expect(stage.room.size).toBe(2);
  await program.close();
  expect(sink.told.at(-1)).toBe('ended');
  expect(stretch.format.videos.map(({ width, height }) => [width, height])).toEqual([
    [320, 180],
    [160, 90],
  ]);
  for (const [index, frames] of stretch.videos.entries()) {
    expect(frames[0]?.keyFrame).toBe(true);
    expectGrowing(frames);
    const decoded = await decodeVideo(stretch, index);
    expect(decoded.stderr).toBe('');
    expect(decoded.pictures).toBe(frames.length);
  }
  expectGrowing(stretch.audio);
  const steps = stretch.audio.slice(1).map(({ timeUs }, index) => timeUs - (stretch.audio[index]?.timeUs ?? 0));
  expect(Math.max(...steps) - Math.min(...steps)).toBeLessThanOrEqual(1);
  const settled = stretch.audio.slice(-40);
  expect(await volume(settled, 440)).toBeGreaterThan(-40);
  expect(await volume(settled, 1000)).toBeGreaterThan(-40);
  expect(await volume(settled, 3000)).toBeLessThan(-60);
});

it('goes on with the sound, without a gap, when its ffmpeg is killed', { timeout: 60_000 }, async () => {
  await stage.join('ada');
  const { sink, program } = await startProgram();
  await stage.sendTone('ada', 440);
  await expect.poll(() => sink.last?.audio.length ?? 0, within).toBeGreaterThan(50);
  process.kill(program.soundPid ?? 0, 'SIGKILL');
  const before = sink.last?.audio.length ?? 0;
  await expect.poll(() => sink.last?.audio.length ?? 0, within).toBeGreaterThan(before + 50);
  const { audio } = sink.last as Stretch;
  const steps = audio.slice(1).map(({ timeUs }, index) => timeUs - (audio[index]?.timeUs ?? 0));
  expect(Math.max(...steps)).toBeLessThan(22_000);
  expect(await volume(audio.slice(-20), 440)).toBeGreaterThan(-40);
  await program.close();
});

it('waits for a publisher that is away, and goes on in the same format', { timeout: 60_000 }, async () => {
  await stage.join('ada');
  const { sink, program } = await startProgram();
  const picture = await stage.sendPicture('ada', { codec: 'h264' });
  const tone = await stage.sendTone('ada', 440);
  await expect.poll(() => sink.last?.videos[0]?.length ?? 0, within).toBeGreaterThan(30);
  picture.stop();
  tone.stop();
  await expect.poll(() => sink.told.at(-1), within).toBe('idle');
  const { videos, audio } = sink.last as Stretch;
  const [pictures, sounds] = [videos[0]?.length ?? 0, audio.length];
  await sleep(1000);
  expect([videos[0]?.length, audio.length]).toEqual([pictures, sounds]);
  await stage.sendPicture('ada', { codec: 'h264' }, picture.producerId);
  await stage.sendTone('ada', 440, tone.producerId);
  await expect.poll(() => videos[0]?.length ?? 0, within).toBeGreaterThan(pictures + 30);
  expect(sink.told).toEqual(['format', 'idle']);
  expect(videos[0]?.[pictures]?.keyFrame).toBe(true);
  expectGrowing(videos[0] ?? []);
  expectGrowing(audio);
  expect((await decodeVideo(sink.last as Stretch)).stderr).toBe('');
  await program.close();
});

/** The mean colour of a part of the last picture: red, green and blue from 0 to 255. */
async function colorAt(stretch: Stretch, part: { x: number; y: number; width: number; height: number }) {
  const frames = stretch.videos[0] ?? [];
  const key = frames.findLastIndex(({ keyFrame }) => keyFrame);
  const { file, stderr } = await decodeVideo({ ...stretch, videos: [frames.slice(key)] });
  expect(stderr).toBe('');
  const raw = join(folder, 'part.raw');
  const crop = `crop=${part.width}:${part.height}:${part.x}:${part.y},scale=1:1:flags=area`;
  await run('ffmpeg', [
    ...[
      '-v',
      'error',
      '-y',
      '-i',
      file,
      '-vf',
      crop,
      '-pix_fmt',
      'rgb24',
      '-fps_mode',
      'passthrough',
      '-f',
      'rawvideo',
      raw,
    ],
  ]);
  const bytes = await readFile(raw);
  return [...bytes.subarray(-3)];
}

const TILES = { left: { x: 100, y: 250, width: 400, height: 200 }, right: { x: 780, y: 250, width: 400, height: 200 } };

function nameOf([red = 0, green = 0, blue = 0]: number[]): string {
  if (Math.max(red, green, blue) < 80) return 'dark';
  if (red > 200 && blue < 60) return 'red';
  return blue > 200 && red < 60 ? 'blue' : `${red} ${green} ${blue}`;
}

it('puts several pictures together, live, in one stream that never begins anew', { timeout: 300_000 }, async () => {
  await stage.join('ada');
  await stage.join('bob');
  const { sink, program } = await startProgram();
  const red = await stage.sendPicture('ada', { codec: 'vp8', color: 'red' });
  const blue = await stage.sendPicture('bob', { codec: 'vp8', color: 'blue', size: '160x90' });
  await stage.sendTone('ada', 440);
  await expect.poll(() => sink.last?.videos[0]?.length ?? 0, patient).toBeGreaterThan(30);
  expect(program.state).toMatchObject({ picture: 'canvas', refused: undefined });
  const stretch = sink.last as Stretch;
  expect(stretch.format.videos).toMatchObject([{ width: 1280, height: 720 }]);
  const frames = stretch.videos[0] ?? [];
  const { left, right } = TILES;
  await expect.poll(async () => nameOf(await colorAt(stretch, left)), patient).toBe('red');
  await expect.poll(async () => nameOf(await colorAt(stretch, right)), patient).toBe('blue');
  expect(nameOf(await colorAt(stretch, left))).toBe('red');

  // Somebody's camera off: the other is alone on the whole canvas. And nobody's: the ground alone. All in the same stream.
  await blue.mute();
  await expect.poll(async () => nameOf(await colorAt(stretch, right)), patient).toBe('red');
  await red.mute();
  await expect.poll(async () => nameOf(await colorAt(stretch, right)), patient).toBe('dark');
  await blue.unmute();
  await expect.poll(async () => nameOf(await colorAt(stretch, left)), patient).toBe('blue');
  expect(sink.stretches).toHaveLength(1);
  expectGrowing(frames);
  await program.close();
});

/** When pictures become bright, in microseconds. */
async function flashes(stretch: Stretch): Promise<number[]> {
  const { file } = await decodeVideo(stretch);
  const raw = join(folder, 'luma.raw');
  await run('ffmpeg', [
    ...['-v', 'error', '-y', '-i', file, '-vf', 'scale=1:1:flags=area', '-pix_fmt', 'gray', '-fps_mode', 'passthrough'],
    ...['-f', 'rawvideo', raw],
  ]);
  const luma = await readFile(raw);
  const [frames = []] = stretch.videos;
  return frames.flatMap(({ timeUs }, at) => ((luma[at] ?? 0) > 60 && (luma[at - 1] ?? 255) <= 60 ? [timeUs] : []));
}

/** When sound begins after silence, in microseconds. */
async function beeps({ audio }: Stretch): Promise<number[]> {
  const file = join(folder, 'beeps.mp4');
  await writeFile(file, toMp4(AAC, 48_000, audio));
  const raw = join(folder, 'beeps.raw');
  await run('ffmpeg', ['-v', 'error', '-y', '-i', file, '-ac', '1', '-f', 's16le', raw]);
  const bytes = await readFile(raw);
  const times: number[] = [];
  let loudAt = 0;
  for (let at = 0; at * 2 + 1 < bytes.length; at++) {
    if (Math.abs(bytes.readInt16LE(at * 2)) < 1500) continue;
    if (at - loudAt > 24_000) times.push((audio[0]?.timeUs ?? 0) + (at * 1_000_000) / 48_000);
    loudAt = at;
  }
  return times;
}

/** How far sound is behind the picture at each flash, in milliseconds. */
async function delays(stretch: Stretch): Promise<number[]> {
  const heard = await beeps(stretch);
  return (await flashes(stretch)).flatMap((flash) => {
    const [nearest] = heard.toSorted((a, b) => Math.abs(a - flash) - Math.abs(b - flash));
    return nearest === undefined || Math.abs(nearest - flash) > 400_000 ? [] : [(nearest - flash) / 1000];
  });
}

it('keeps sound and picture together', { timeout: 90_000 }, async () => {
  await stage.join('ada');
  const { sink, program } = await startProgram();
  await stage.sendBeat('ada');
  const seconds = () => {
    const audio = sink.last?.videos[0]?.length ? sink.last.audio : [];
    return ((audio.at(-1)?.timeUs ?? 0) - (audio[0]?.timeUs ?? 0)) / 1_000_000;
  };
  await expect.poll(seconds, { timeout: 60_000, interval: 200 }).toBeGreaterThan(14);
  await program.close();
  // The first sender report of the sound comes within 5 s; until then its arrival counts.
  // The median: what sends here sends each picture when it comes to it, and mediasoup reckons with when it arrived.
  const settled = (await delays(sink.last as Stretch)).slice(-7).toSorted((a, b) => a - b);
  expect(settled.length).toBeGreaterThanOrEqual(4);
  expect(Math.abs(settled[settled.length >> 1] ?? NaN), settled.join()).toBeLessThan(40);
});

it(
  'goes on in the same stream when its encoders are killed, and ffmpeg reads across',
  { timeout: 150_000 },
  async () => {
    await stage.join('ada');
    const { sink, program } = await startProgram();
    const event = join(folder, 'event');
    const files = new StreamFolder(event, (error) => expect.unreachable(error.message));
    const hls = new HlsStream({ id: 'event', roomId: 'lab', folder: files, windowSeconds: 600, keepsAll: true });
    program.attach(hls);
    await stage.sendTone('ada', 440);
    await stage.sendPicture('ada', { codec: 'vp8', color: 'red' });
    await expect.poll(() => sink.last?.videos[0]?.length ?? 0, patient).toBeGreaterThan(30);
    const { stdout } = await run('pgrep', ['-P', `${process.pid}`, '-f', 'flvflags']);
    process.kill(Number(stdout.trim()), 'SIGKILL');
    process.kill(program.soundPid ?? 0, 'SIGKILL');
    const { videos: [frames = []] = [], audio = [] } = sink.last ?? {};
    const [before, heard] = [frames.length, audio.length];
    await expect.poll(() => frames.length, patient).toBeGreaterThan(before + 40);
    await expect.poll(() => audio.length, patient).toBeGreaterThan(heard + 50);
    await expect.poll(() => hls.state, patient).toBe('live');
    await program.close();
    await hls.settled();
    expect(sink.stretches).toHaveLength(1);
    expectGrowing(frames);
    expect((await decodeVideo(sink.last as Stretch)).stderr).toBe('');
    for (const rendition of hls.renditions) {
      const { name } = rendition;
      const playlist = join(event, `${name}.m3u8`);
      await writeFile(playlist, rendition.replay());
      const read = await run('ffmpeg', [
        ...['-v', 'error', '-allowed_extensions', 'ALL', '-i', playlist, '-f', 'framemd5', '-'],
      ]);
      expect(read.stderr).toBe('');
      const count = read.stdout.split('\n').filter((line) => /^\d/.test(line)).length;
      expect(count).toBeGreaterThan(name === 'a' ? heard : before);
    }
  },
);

it('goes from one picture to several and back, with times that grow', { timeout: 120_000 }, async () => {
  await stage.join('ada');
  await stage.join('bob');
  const { sink, program } = await startProgram();
  await stage.sendPicture('ada', { codec: 'h264' });
  await expect.poll(() => sink.last?.videos[0]?.length ?? 0, within).toBeGreaterThan(25);
  const other = await stage.sendPicture('bob', { codec: 'vp8' });
  await expect.poll(() => program.state.picture, within).toBe('canvas');
  await expect.poll(() => sink.last?.videos[0]?.length ?? 0, within).toBeGreaterThan(25);
  await other.mute();
  await expect.poll(() => program.state.picture, within).toBe('passthrough');
  await expect.poll(() => sink.last?.videos[0]?.length ?? 0, within).toBeGreaterThan(25);
  await program.close();
  expect(sink.stretches.map(({ format }) => format.videos.map(({ width }) => width))).toEqual([[320], [1280], [320]]);
  expectGrowing(sink.stretches.flatMap(({ videos }) => videos[0] ?? []));
  for (const stretch of sink.stretches) {
    expect(stretch.videos[0]?.[0]?.keyFrame).toBe(true);
    expect((await decodeVideo(stretch)).stderr).toBe('');
  }
});

it('shows the first picture of H.264 where there are no cores for more, and says so', { timeout: 60_000 }, async () => {
  await stage.join('ada');
  await stage.join('bob');
  const { sink, program } = await startProgram({ budget: new TranscodeBudget(0.1) });
  await stage.sendPicture('ada', { codec: 'vp8' });
  await stage.sendPicture('bob', { codec: 'h264' });
  await expect.poll(() => sink.last?.videos[0]?.length ?? 0, within).toBeGreaterThan(25);
  await expect.poll(() => program.state.refused, within).toMatch(/0.5 cores are needed, and 0.1/);
  expect(program.state.picture).toBe('passthrough');
  await program.close();
});

it('says that there is no sound where there is no ffmpeg', { timeout: 60_000 }, async () => {
  await stage.join('ada');
  const { sink, program } = await startProgram({ ffmpeg: '/nowhere/ffmpeg' });
  await stage.sendPicture('ada', { codec: 'h264' });
  await expect.poll(() => sink.last?.videos[0]?.length ?? 0, within).toBeGreaterThan(10);
  expect(sink.last?.format.audio).toBeUndefined();
  expect(program.state.audio).toBe('no-ffmpeg');
  await program.close();
});
