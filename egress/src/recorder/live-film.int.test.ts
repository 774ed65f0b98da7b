import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
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
    filmProgram: (of, includes) => openFilmProgram({ room: of, includes, budget, logger }),
    onEnd: (manifest) => library.ended(manifest),
  });
  library = createLibrary({ recorder, key: randomBytes(32), retentionDays: () => 1, logger });
  return recorder;
}

async function record() {
  const recorder = openLibrary();
  const notLive: NotLive[] = [];
  const recording = await recorder.start({
    ...{ roomId: 'lab', startedBy: { name: 'Ada' }, policy: 'tell', consentOf: () => 'given', film: 'live' },
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
    // Decoders and encoders that begin are behind for some seconds, and the canvas learns of it.
    const apart = flashes.slice(5).flatMap((flash) => {
      const nearest = Math.min(...beeps.map((beep) => Math.abs(beep - flash) * 1000));
      return nearest < 450 ? [nearest] : [];
    });
    expect(apart.length).toBeGreaterThan(4);
    const median = apart.toSorted((x, y) => x - y)[apart.length >> 1] ?? NaN;
    expect(median, `milliseconds between flash and beep: ${apart.map(Math.round).join(' ')}`).toBeLessThan(40);
  },
);

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
