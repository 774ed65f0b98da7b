import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CollectingSink, type Stretch, toMp4 } from '../testing/collect.ts';
import { startStage } from '../testing/stage-lab.ts';
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
  const program = await createProgram({ room: stage.room, logger: stage.logger, ...options });
  program.attach(sink);
  return { program, sink };
}

const within = { timeout: 20_000, interval: 50 };

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

/** The mean volume in dB of some frames, of what a band around a frequency lets through. */
async function volume(frames: readonly ProgramFrame[], hertz: number): Promise<number> {
  const file = join(folder, 'sound.mp4');
  const format = {
    kind: 'audio',
    codec: 'aac',
    channels: 2,
    sampleRate: 48_000,
    config: Buffer.from([0x11, 0x90]),
  } as const;
  await writeFile(file, toMp4(format, 48_000, frames));
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
  await expect.poll(() => sink.last?.videos.every((frames) => frames.length > 75), within).toBe(true);
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
  await expect.poll(() => sink.last?.videos[0]?.length ?? 0, within).toBeGreaterThan(50);
  picture.stop();
  tone.stop();
  await expect.poll(() => sink.told.at(-1), within).toBe('idle');
  const { videos, audio } = sink.last as Stretch;
  const [pictures, sounds] = [videos[0]?.length ?? 0, audio.length];
  await sleep(1000);
  expect([videos[0]?.length, audio.length]).toEqual([pictures, sounds]);
  await stage.sendPicture('ada', { codec: 'h264' }, picture.producerId);
  await stage.sendTone('ada', 440, tone.producerId);
  await expect.poll(() => videos[0]?.length ?? 0, within).toBeGreaterThan(pictures + 50);
  expect(sink.told).toEqual(['format', 'idle']);
  expect(videos[0]?.[pictures]?.keyFrame).toBe(true);
  expectGrowing(videos[0] ?? []);
  expectGrowing(audio);
  expect((await decodeVideo(sink.last as Stretch)).stderr).toBe('');
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
