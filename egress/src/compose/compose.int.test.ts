import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Manifest, Part, Track } from '../recorder/manifest.ts';
import { compose } from './compose.ts';

// A picture that flashes and a tone that beeps, each at every full second of the clock on the wall; the files begin at odd
// times, as real ones do. In the film flash and beep have to come together, and when they came.

const run = promisify(execFile);
const START = 1_000_000;
const SECONDS = 8;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amphi-compose-'));
  const flash = (offset: number) =>
    `color=c=black:s=320x180:r=25:d=6,geq=lum='if(lt(mod(T+${offset},1),0.2),235,16)':cb=128:cr=128`;
  const beep = `aevalsrc='if(lt(mod(t+0.25,1),0.2),sin(880*2*PI*t),0)':s=48000:d=6.5`;
  const vp8 = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '300k'];
  await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', flash(0.4), ...vp8, join(folder, 'camera.webm')]);
  await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', beep, '-c:a', 'libopus', join(folder, 'mic.webm')]);
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

function track(source: Track['source'], file: string, fromMs: number, durationMs: number): Track {
  const kind = source === 'microphone' ? 'audio' : 'video';
  const clock = { rtpStart: 0, clockRate: 90_000, clock: [], sizes: [] };
  const part: Part = { file, startedAt: START + fromMs, durationMs, codec: 'vp8', bytes: 1, ...clock };
  return { id: `${source}`, personId: 'ada', source, kind, parts: [part], mutes: [] };
}

const person = { role: 'speaker', joinedAt: START, leftAt: START + SECONDS * 1000, consent: 'given' as const };
const manifest = (): Manifest => ({
  version: 1,
  id: 'r',
  roomId: 'lab',
  state: 'complete',
  startedAt: START,
  endedAt: START + SECONDS * 1000,
  startedBy: 'Ada',
  policy: 'tell',
  film: { layout: 'grid', height: 720 },
  people: [
    { ...person, id: 'ada', name: "Ada's [x]:%{pts}\\'" },
    { ...person, id: 'bob', name: 'Bób', joinedAt: START + 3000 },
  ],
  tracks: [track('camera', 'camera.webm', 1400, 6000), track('microphone', 'mic.webm', 250, 6500)],
  speakers: [],
});

/** When the picture gets bright, in seconds. */
async function flashes(film: string): Promise<number[]> {
  const stats = 'crop=100:100:100:300,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-';
  const { stdout } = await run('ffmpeg', ['-v', 'error', '-i', film, '-vf', stats, '-f', 'null', '-']);
  const levels = [...stdout.matchAll(/pts_time:([\d.]+)\s+lavfi\.signalstats\.YAVG=([\d.]+)/g)];
  return levels.flatMap(([, time, level], index) => {
    const before = Number(levels[index - 1]?.[2] ?? 0);
    return Number(level) > 120 && before <= 120 ? [Number(time)] : [];
  });
}

/** When the sound begins after silence, in seconds. */
async function beeps(film: string): Promise<number[]> {
  const detect = ['-af', 'silencedetect=n=-30dB:d=0.3', '-f', 'null', '-'];
  const { stderr } = await run('ffmpeg', ['-hide_banner', '-i', film, ...detect]);
  return [...stderr.matchAll(/silence_end: ([\d.]+)/g)].map(([, time]) => Number(time));
}

it(
  'makes a film in which picture and sound belong together, with chapters and names',
  { timeout: 180_000 },
  async () => {
    const done: number[] = [];
    await compose({
      ...{ manifest: manifest(), folder, layout: 'grid', height: 720, output: 'grid.mp4' },
      onProgress: (part) => done.push(part),
    });
    const film = join(folder, 'grid.mp4');
    const entries = [
      '-show_entries',
      'stream=codec_name,width,height:format=duration:chapter_tags=title',
      '-of',
      'json',
    ];
    const probe = JSON.parse((await run('ffprobe', ['-v', 'error', ...entries, film])).stdout) as {
      streams: { codec_name: string; width?: number; height?: number }[];
      format: { duration: string };
      chapters: { tags: { title: string } }[];
    };
    // The third is how MP4 keeps chapters.
    expect(probe.streams.map(({ codec_name: codec }) => codec)).toEqual(['h264', 'aac', 'bin_data']);
    expect(probe.streams[0]).toMatchObject({ width: 1280, height: 720 });
    expect(Math.abs(Number(probe.format.duration) - SECONDS) / SECONDS).toBeLessThan(0.005);
    expect(probe.chapters.map(({ tags }) => tags.title)).toEqual(['Start', 'Bób joins']);
    // Faststart: the index stands before the media.
    const bytes = await readFile(film);
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));

    const [seen, heard] = [await flashes(film), await beeps(film)];
    // From the camera's first to its last, by the clock on the wall.
    const expected = [2, 3, 4, 5, 6, 7];
    expect(seen.map(Math.round)).toEqual(expected);
    for (const second of expected.slice(0, 4)) {
      const flash = seen.find((time) => Math.abs(time - second) < 0.3) ?? NaN;
      const beep = heard.find((time) => Math.abs(time - second) < 0.3) ?? NaN;
      expect(Math.abs(flash - second), `flash at ${second} s`).toBeLessThan(0.041);
      expect(Math.abs(flash - beep), `flash and beep at ${second} s`).toBeLessThan(0.04);
    }
    expect(done.at(-1)).toBe(1);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect((await readdir(folder)).toSorted()).toEqual(['camera.webm', 'grid.mp4', 'mic.webm']);
  },
);

it('makes a film of sound alone', { timeout: 60_000 }, async () => {
  await compose({ manifest: manifest(), folder, layout: 'audio', height: 720, output: 'audio.mp4' });
  const entries = ['-show_entries', 'stream=codec_name:format=duration', '-of', 'csv=p=0'];
  const { stdout } = await run('ffprobe', ['-v', 'error', ...entries, join(folder, 'audio.mp4')]);
  expect(stdout.trim().split('\n')[0]).toBe('aac');
  expect(await beeps(join(folder, 'audio.mp4'))).not.toHaveLength(0);
});

it('leaves nothing behind when it is stopped, or ffmpeg fails', { timeout: 60_000 }, async () => {
  const before = await readdir(folder);
  const options = { manifest: manifest(), folder, layout: 'grid', height: 720, output: 'none.mp4' } as const;
  await expect(compose({ ...options, ffmpeg: 'false' })).rejects.toThrow(/ffmpeg ended with 1/);
  const controller = new AbortController();
  const stopped = compose({ ...options, signal: controller.signal });
  controller.abort();
  await expect(stopped).rejects.toThrow(/abort/i);
  expect(await readdir(folder)).toEqual(before);
});
