import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startedProcesses } from '@amphi/rooms/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compose } from '../compose/compose.ts';
import type { FilmChoice } from '../compose/layout.ts';
import { createLibrary, type Library } from '../library/library.ts';
import { TranscodeBudget } from '../program/budget.ts';
import { beepsIn, durationOf, flashesIn } from '../testing/read-film.ts';
import { startStage } from '../testing/stage-lab.ts';
import { openFilmProgram } from './film-program.ts';
import type { NotLive } from './live-composer.ts';
import { LIVE_FILM_FILE } from './live-film.ts';
import { createRecorder, type Recorder } from './recorder.ts';

// The worker, its taps, the canvas and its encoders are real; what a browser would send comes from ffmpeg as plain RTP.

const run = promisify(execFile);
/** Times are not rounded to a rate, by which two that are near each other would become the same. */
const AS_IT_IS = ['-fps_mode', 'passthrough', '-enc_time_base', '-1'];
const CENTER = '100:100:590:310';
let folder: string;
let stage: Awaited<ReturnType<typeof startStage>>;
let library: Library;
let budget: TranscodeBudget;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amphi-live-film-'));
  stage = await startStage();
  budget = new TranscodeBudget(1);
});
afterEach(async () => {
  await library.close();
  stage.close();
  await rm(folder, { recursive: true, force: true });
});

function openLibrary(): Recorder {
  const { room, logger } = stage;
  const recorder = createRecorder({
    ...{ folder, logger, minFreeBytes: 0, room: () => room },
    filmProgram: (of, includes, choice) => openFilmProgram({ room: of, includes, choice, budget, logger }),
    onEnd: (manifest) => library.ended(manifest),
  });
  library = createLibrary({ recorder, key: randomBytes(32), retentionDays: () => 1, logger });
  return recorder;
}

async function record(choice: FilmChoice = { layout: 'grid', height: 720 }) {
  const recorder = openLibrary();
  const notLive: NotLive[] = [];
  const recording = await recorder.start({
    ...{ roomId: 'lab', startedBy: { name: 'Ada' }, policy: 'tell', consentOf: () => 'given', film: 'live', choice },
    onNotLive: (reason) => notLive.push(reason),
    onEnd: () => {},
  });
  const path = recorder.folderOf(recording.manifest.id) ?? '';
  const sizeOfLive = async () => (await readFile(join(path, LIVE_FILM_FILE)).catch(() => Buffer.alloc(0))).length;
  return { recording, notLive, path, sizeOfLive };
}

const patient = { timeout: 60_000, interval: 200 };
const films = async (id: string) => (await library.get('lab', id)).films.map(({ file }) => file);
const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

it(
  'is ready at the end, as long as the recording, with its sound beside its picture',
  { timeout: 180_000 },
  async () => {
    await stage.join('ada');
    await stage.sendBeat('ada');
    const { recording, notLive, path, sizeOfLive } = await record();
    await expect.poll(sizeOfLive, patient).toBeGreaterThan(10_000);
    await stage.join('bob');
    await sleep(10_000);
    await recording.stop();
    const { id, startedAt, endedAt } = recording.manifest;
    await expect.poll(() => films(id), patient).toEqual(['film-grid-720.mp4']);
    expect(notLive).toEqual([]);
    await expect.poll(() => isThere(join(path, LIVE_FILM_FILE)), patient).toBe(false);

    const film = join(path, 'film-grid-720.mp4');
    const entries = ['-show_entries', 'stream=codec_name,width,height:chapter_tags=title', '-of', 'json'];
    const { stdout, stderr } = await run('ffprobe', ['-v', 'error', ...entries, film]);
    const probe = JSON.parse(stdout) as { streams: { codec_name: string }[]; chapters: { tags: { title: string } }[] };
    expect(stderr).toBe('');
    expect(probe.streams.slice(0, 2)).toMatchObject([
      { codec_name: 'h264', width: 1280, height: 720 },
      { codec_name: 'aac' },
    ]);
    expect(probe.chapters.map(({ tags }) => tags.title)).toEqual(['Start', 'BOB joins']);
    const bytes = await readFile(film);
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
    const took = ((endedAt ?? 0) - startedAt) / 1000;
    expect(Math.abs((await durationOf(film)) - took) / took).toBeLessThan(0.005);

    const [flashes, beeps] = [await flashesIn(film, CENTER), await beepsIn(film, 1000)];
    const apart = beeps.flatMap((beep) => {
      const nearest = Math.min(...flashes.map((flash) => Math.abs(beep - flash) * 1000));
      return nearest < 450 ? [nearest] : [];
    });
    expect(apart.length).toBeGreaterThan(8);
    // To some milliseconds, for ffmpeg reports when it sends, and not when something was: live-sync.load.test.ts looks closer.
    const median = apart.toSorted((x, y) => x - y)[apart.length >> 1] ?? NaN;
    expect(median, `milliseconds between flash and beep: ${apart.map(Math.round).join(' ')}`).toBeLessThan(40);
    expect(Math.max(...apart), apart.map(Math.round).join(' ')).toBeLessThan(80);
  },
);

it.each<[FilmChoice, string]>([
  [{ layout: 'grid', height: 720 }, '1280,720'],
  [{ layout: 'speaker', height: 720 }, '1280,720'],
  [{ layout: 'screen', height: 1080 }, '1920,1080'],
])('looks as one made afterwards, with names: %o', { timeout: 240_000 }, async (choice, size) => {
  budget = new TranscodeBudget(2);
  await stage.join('ada');
  await stage.join('bob');
  await stage.join('eve');
  await stage.sendPicture('ada', { codec: 'vp8', color: 'orange' });
  await stage.sendPicture('bob', { codec: 'h264', color: 'skyblue' });
  const { recording, notLive, path, sizeOfLive } = await record(choice);
  await expect.poll(sizeOfLive, patient).toBeGreaterThan(5000);
  await stage.sendPicture('bob', { codec: 'vp8', color: 'lime', source: 'screen' });
  await sleep(4000);
  await recording.stop();
  const name = `film-${choice.layout}-${choice.height}.mp4`;
  await expect.poll(() => films(recording.manifest.id), patient).toEqual([name]);
  expect(notLive).toEqual([]);

  await compose({ ...choice, manifest: recording.manifest, folder: path, output: 'after.mp4' });
  const entries = ['-show_entries', 'stream=width,height', '-select_streams', 'v', '-of', 'csv=p=0'];
  expect((await run('ffprobe', ['-v', 'error', ...entries, join(path, name)])).stdout.trim()).toBe(size);
  const titles = ['-show_entries', 'chapter_tags=title', '-of', 'csv=p=0'];
  const { stdout: chapters } = await run('ffprobe', ['-v', 'error', ...titles, join(path, name)]);
  expect(chapters.trim().split('\n')).toEqual(['Start', 'BOB shares the screen']);
  const took = await durationOf(join(path, name));
  // In the beginning, and with the screen near the end.
  for (const at of [0.2, took - 1]) {
    const [live, after] = [await spotsOf(join(path, name), at), await spotsOf(join(path, 'after.mp4'), at)];
    const differences = live.map((spot, index) => Math.abs(spot - (after[index] ?? 0)));
    expect(Math.max(...differences), `of ${differences.length} spots after ${at} s`).toBeLessThan(32);
  }
});

/** How bright a picture of a film is, in each of 64 by 36 parts. */
async function spotsOf(file: string, at: number): Promise<number[]> {
  const picture = ['-frames:v', '1', '-vf', 'scale=64:36:flags=area,format=gray', '-f', 'rawvideo', '-'];
  const { stdout } = await run('ffmpeg', ['-v', 'error', '-ss', at.toFixed(3), '-i', file, ...picture], {
    encoding: 'buffer',
  });
  expect(stdout).toHaveLength(64 * 36);
  return [...stdout];
}

it('may be sound only, which takes none of the cores', { timeout: 120_000 }, async () => {
  budget = new TranscodeBudget(0);
  await stage.join('ada');
  await stage.sendBeat('ada');
  const { recording, notLive, path, sizeOfLive } = await record({ layout: 'audio', height: 720 });
  await expect.poll(sizeOfLive, patient).toBeGreaterThan(30_000);
  await recording.stop();
  await expect.poll(() => films(recording.manifest.id), patient).toEqual(['film-audio-720.mp4']);
  expect(notLive).toEqual([]);
  const film = join(path, 'film-audio-720.mp4');
  const { stdout } = await run('ffprobe', [
    '-v',
    'error',
    '-show_entries',
    'stream=codec_name',
    '-of',
    'csv=p=0',
    film,
  ]);
  expect(stdout.trim().split('\n')[0]).toBe('aac');
  expect(stdout).not.toContain('h264');
  const took = ((recording.manifest.endedAt ?? 0) - recording.manifest.startedAt) / 1000;
  expect(Math.abs((await durationOf(film)) - took) / took).toBeLessThan(0.02);
  expect((await beepsIn(film, 1000)).length).toBeGreaterThanOrEqual(Math.floor(took) - 1);
});

it('goes on when the ffmpeg that encodes it is killed', { timeout: 180_000 }, async () => {
  await stage.join('ada');
  await stage.sendBeat('ada');
  const { recording, notLive, path, sizeOfLive } = await record();
  await expect.poll(sizeOfLive, patient).toBeGreaterThan(10_000);
  const killed = encoders();
  expect(killed).toHaveLength(1);
  for (const pid of killed) process.kill(pid, 'SIGKILL');
  await expect.poll(encoders, patient).not.toEqual(killed);
  const before = await sizeOfLive();
  await expect.poll(sizeOfLive, patient).toBeGreaterThan(before + 20_000);
  await recording.stop();
  await expect.poll(() => films(recording.manifest.id), patient).toEqual(['film-grid-720.mp4']);
  expect(notLive).toEqual([]);
  const film = join(path, 'film-grid-720.mp4');
  const { stderr } = await run('ffmpeg', ['-v', 'error', '-i', film, ...AS_IT_IS, '-f', 'null', '-']);
  expect(stderr).toBe('');
  const took = ((recording.manifest.endedAt ?? 0) - recording.manifest.startedAt) / 1000;
  expect(Math.abs((await durationOf(film)) - took) / took).toBeLessThan(0.005);
  const [flashes, beeps] = [await flashesIn(film, CENTER), await beepsIn(film, 1000)];
  const last = beeps.findLast((beep) => beep < took - 0.3) ?? 0;
  expect(Math.min(...flashes.map((flash) => Math.abs(flash - last) * 1000))).toBeLessThan(40);
});

/** The processes of this one that encode pictures of a canvas. */
function encoders(): number[] {
  return startedProcesses().flatMap(({ pid, command }) => (command.includes('-f flv pipe:1') ? [pid] : []));
}

it('leaves out of the film who is left out of the recording', { timeout: 180_000 }, async () => {
  await stage.join('ada');
  await stage.join('bob');
  await stage.sendPicture('ada', { codec: 'vp8', color: 'black' });
  await stage.sendPicture('bob', { codec: 'vp8', color: 'white' });
  await stage.sendTone('ada', 440);
  const { recording, notLive, path, sizeOfLive } = await record();
  await expect.poll(sizeOfLive, patient).toBeGreaterThan(10_000);
  await sleep(4000);
  recording.consent('bob', false, true);
  const leftAt = (Date.now() - recording.manifest.startedAt) / 1000;
  await sleep(4000);
  await recording.stop();
  expect(notLive).toEqual([]);
  const { id } = recording.manifest;
  await expect.poll(() => films(id), patient).toEqual(['film-grid-720.mp4']);
  const levels = async (from: number, seconds: number) => {
    const filter = 'crop=100:100:910:310,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-';
    const input = ['-ss', `${from}`, '-t', `${seconds}`, '-i', join(path, 'film-grid-720.mp4')];
    const { stdout } = await run('ffmpeg', ['-v', 'error', ...input, '-vf', filter, '-f', 'null', '-']);
    return [...stdout.matchAll(/YAVG=([\d.]+)/g)].map(([, level]) => Number(level));
  };
  expect(Math.max(...(await levels(leftAt - 1, 0.8)))).toBeGreaterThan(150);
  expect(Math.max(...(await levels(leftAt + 1.5, 2)))).toBeLessThan(60);
});

it('is given up when somebody in it refuses, and made of the originals', { timeout: 180_000 }, async () => {
  await stage.join('ada');
  await stage.join('bob');
  await stage.sendPicture('ada', { codec: 'h264' });
  await stage.sendPicture('bob', { codec: 'h264' });
  const { recording, notLive, path, sizeOfLive } = await record();
  await expect.poll(sizeOfLive, patient).toBeGreaterThan(10_000);
  recording.consent('bob', false);
  expect(notLive).toEqual(['refused']);
  await expect.poll(() => isThere(join(path, LIVE_FILM_FILE)), patient).toBe(false);
  await sleep(1500);
  expect(budget.free).toBe(1);
  await recording.stop();
  expect(recording.manifest.tracks.map(({ personId }) => personId)).toEqual(['ada']);
  await expect.poll(() => films(recording.manifest.id), patient).toEqual(['film-grid-720.mp4']);
});

it(
  'is made of the originals where no cores are free, or the server was killed meanwhile',
  { timeout: 180_000 },
  async () => {
    budget.take(0.8);
    await stage.join('ada');
    await stage.sendPicture('ada', { codec: 'h264' });
    const { recording, notLive, path, sizeOfLive } = await record();
    await expect.poll(() => notLive).toEqual(['no-cores']);
    await sleep(2500);
    await recording.stop();
    expect(await sizeOfLive()).toBe(0);
    const { id } = recording.manifest;
    await expect.poll(() => films(id), patient).toEqual(['film-grid-720.mp4']);

    // As a kill leaves it.
    await library.close();
    for (const name of ['film-grid-720.mp4', 'films.json']) await rm(join(path, name));
    await writeFile(join(path, LIVE_FILM_FILE), 'cut off');
    const manifest = { ...recording.manifest, state: 'recording', endedAt: null };
    await writeFile(join(path, 'manifest.json'), JSON.stringify(manifest));
    const recorder = openLibrary();
    expect(await recorder.recover()).toBe(1);
    expect(await isThere(join(path, LIVE_FILM_FILE))).toBe(false);
    await library.resume();
    await expect.poll(() => films(id), patient).toEqual(['film-grid-720.mp4']);
  },
);
