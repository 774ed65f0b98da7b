import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { quietLogger } from '@amphi/rooms/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Manifest } from '../recorder/manifest.ts';
import { createRecorder, type Recorder } from '../recorder/recorder.ts';
import { createLibrary, type Library } from './library.ts';
import type { LinkQuery } from './links.ts';

const ID = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
const run = promisify(execFile);
const DAY = 24 * 60 * 60 * 1000;
let folder: string;
let recorder: Recorder;
let library: Library;
let now: number;
let removed: string[];
let shares: Set<string>;

beforeEach(async () => {
  now = 100 * DAY;
  folder = await mkdtemp(join(tmpdir(), 'amphi-library-'));
  removed = [];
  shares = new Set();
  recorder = createRecorder({ folder, room: () => undefined, logger: quietLogger() });
  library = openLibrary();
});
afterEach(async () => {
  await library.close();
  await rm(folder, { recursive: true });
});

function openLibrary(): Library {
  return createLibrary({
    ...{ recorder, key: Buffer.alloc(32, 7), logger: quietLogger(), now: () => now },
    retentionDays: (roomId) => (roomId === 'lab' ? 10 : 20),
    isShared: (share) => shares.has(share),
    onRemoved: (id) => removed.push(id),
  });
}

/** Gives the recording a picture that can be decoded. */
async function putPicture(): Promise<void> {
  const source = ['-f', 'lavfi', '-i', 'testsrc=s=320x180:r=15:d=2'];
  const args = ['-v', 'error', '-y', ...source, '-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8'];
  await run('ffmpeg', [...args, join(folder, ID, '1-camera-1.webm')]);
}

async function sizeOf(file: string): Promise<{ width: number; height: number }> {
  const args = ['-v', 'error', '-show_entries', 'stream=width,height', '-of', 'json', join(folder, ID, file)];
  const { stdout } = await run('ffprobe', args);
  return (JSON.parse(stdout) as { streams: [{ width: number; height: number }] }).streams[0];
}

/** A recording of two seconds without anything to be seen in it. */
async function put(state: Manifest['state'] = 'complete', isEmpty = false): Promise<void> {
  const person = { role: 'speaker', joinedAt: now, leftAt: now + 2000 };
  const clock = { codec: 'vp8', clockRate: 90_000, rtpStart: 0, clock: [], sizes: [] };
  const part = { file: '1-camera-1.webm', startedAt: now, durationMs: 2000, bytes: 3, ...clock };
  const manifest: Manifest = {
    ...{ version: 1, id: ID, roomId: 'lab', state, startedAt: now, startedBy: 'Ada', policy: 'tell', speakers: [] },
    film: { layout: 'grid', height: 720 },
    endedAt: state === 'recording' ? null : now + 2000,
    people: [
      { ...person, id: 'ada', name: 'Ada', consent: 'given' },
      { ...person, id: 'bob', name: 'Bob', consent: 'refused' },
    ],
    tracks: [
      { id: 'camera', personId: 'ada', source: 'camera', kind: 'video', mutes: [], parts: isEmpty ? [] : [part] },
    ],
  };
  await mkdir(join(folder, ID));
  await writeFile(join(folder, ID, 'manifest.json'), JSON.stringify(manifest));
  await writeFile(join(folder, ID, part.file), 'abc');
}

function parse(path: string): [id: string, file: string, query: LinkQuery] {
  const url = new URL(path, 'http://host');
  const [, , id = '', file = ''] = url.pathname.split('/');
  const { searchParams } = url;
  const field = (name: string) => searchParams.get(name) ?? '';
  return [
    id,
    file,
    { expires: field('expires'), signature: field('signature'), share: searchParams.get('share') ?? undefined },
  ];
}

it('lists what a room has, and nothing of another room', async () => {
  await put();
  expect(await library.list('lab')).toEqual([
    {
      ...{
        id: ID,
        state: 'complete',
        startedAt: now,
        durationMs: 2000,
        people: ['Ada'],
        bytes: 3,
        films: [],
        jobs: [],
        startedBy: 'Ada',
        deletedAt: now + 2000 + 10 * DAY,
        chapters: [{ atMs: 0, kind: 'start', name: '' }],
        poster: null,
        strip: null,
        storage: 'disk',
      },
      tracks: [{ file: '1-camera-1.webm', label: 'Ada · camera', bytes: 3, durationMs: 2000 }],
    },
  ]);
  expect(await library.list('other')).toEqual([]);
  await expect(library.link('other', ID, '1-camera-1.webm')).rejects.toMatchObject({ code: 'not-found' });
  await expect(library.remove('other', ID)).rejects.toMatchObject({ code: 'not-found' });
});

it('links lead to one file, for some minutes', async () => {
  await put();
  const { path, expiresAt } = await library.link('lab', ID, '1-camera-1.webm');
  const [id, file, query] = parse(path);
  expect(await library.open(id, file, query)).toMatchObject({ bytes: 3 });
  expect(await library.open(id, 'manifest.json', query)).toBeUndefined();
  expect(await library.open(id, '2-camera-1.webm', query)).toBeUndefined();
  expect(await library.open(id, file, { ...query, expires: `${expiresAt + 1}` })).toBeUndefined();
  expect(await library.open('../..', file, query)).toBeUndefined();
  expect(expiresAt - now).toBeLessThan(DAY / 24);
  now = expiresAt;
  expect(await library.open(id, file, query)).toBeUndefined();
  for (const wrong of ['manifest.json', '../secrets.json', 'none.webm']) {
    await expect(library.link('lab', ID, wrong), wrong).rejects.toMatchObject({ code: 'not-found' });
  }
});

it('a link of a share ends with it, and cannot be made one without', async () => {
  await put();
  shares.add('s1');
  const { path } = library.sharedLink(ID, '1-camera-1.webm', 's1');
  const [id, file, query] = parse(path);
  expect(await library.open(id, file, query)).toMatchObject({ bytes: 3 });
  expect(await library.open(id, file, { ...query, share: undefined })).toBeUndefined();
  expect(await library.open(id, file, { ...query, share: 's2' })).toBeUndefined();
  shares.delete('s1');
  expect(await library.open(id, file, query)).toBeUndefined();
});

it('removes the bytes, of what is over', async () => {
  await put('recording');
  await expect(library.remove('lab', ID)).rejects.toMatchObject({ code: 'wrong-state' });
  await expect(library.film('lab', ID, { layout: 'grid', height: 720 })).rejects.toMatchObject({ code: 'wrong-state' });
  await recorder.recover();
  await library.remove('lab', ID);
  expect(await library.list('lab')).toEqual([]);
  expect(removed).toEqual([ID]);
});

it('removes what is too old', async () => {
  await put();
  expect(await library.prune()).toBe(0);
  now += 11 * DAY;
  expect(await library.prune()).toBe(1);
  expect(await library.list('lab')).toEqual([]);
  expect(removed).toEqual([ID]);
});

it('says when a film could not be made, and tries it again when asked', { timeout: 60_000 }, async () => {
  await put();
  await library.film('lab', ID, { layout: 'grid', height: 720 });
  const states = async () => (await library.list('lab'))[0]?.jobs.map(({ state }) => state);
  // The camera's file is no video.
  await expect.poll(states, { timeout: 30_000 }).toEqual(['failed']);
  await library.film('lab', ID, { layout: 'grid', height: 720 });
  expect(await states()).not.toEqual(['failed', 'failed']);
});

it('makes no film of nothing', async () => {
  await put('complete', true);
  const film = library.film('lab', ID, { layout: 'grid', height: 720 });
  await expect(film).rejects.toMatchObject({ code: 'wrong-state' });
});

it('makes a picture that stands for it, a film, and small pictures of that', { timeout: 120_000 }, async () => {
  await put();
  await putPicture();
  const manifest = await recorder.get(ID);
  if (manifest) library.ended(manifest);
  const entry = async () => (await library.list('lab'))[0];
  await expect
    .poll(async () => (await entry())?.strip, { timeout: 90_000 })
    .toMatchObject({
      ...{ intervalMs: 4000, columns: 10, count: 1, width: 160, height: 90 },
    });
  const { films, poster, strip, jobs } = (await entry()) ?? {};
  expect([films?.map(({ file }) => file), jobs]).toEqual([['film-grid-720.mp4'], []]);
  for (const path of [poster ?? '', strip?.path ?? '']) {
    expect(await library.open(...parse(path)), path).toBeDefined();
  }
  expect(await sizeOf('poster.jpg')).toEqual({ width: 640, height: 360 });
  expect(await sizeOf('strip.jpg')).toEqual({ width: 1600, height: 90 });
});

it('makes after a restart what was asked for before, and what nobody could ask for', { timeout: 120_000 }, async () => {
  await put();
  await putPicture();
  await library.film('lab', ID, { layout: 'audio', height: 720 });
  await library.film('lab', ID, { layout: 'speaker', height: 720 });
  await library.close();
  library = openLibrary();
  await library.resume();
  const films = async () => (await library.list('lab'))[0]?.films.map(({ file }) => file);
  expect(await films()).not.toContain('film-speaker-720.mp4');
  await expect.poll(films, { timeout: 90_000 }).toEqual(['film-speaker-720.mp4', 'film-audio-720.mp4']);
  expect((await library.list('lab'))[0]?.poster).not.toBeNull();

  // As it is when the server was killed while it recorded: nobody has asked for a film.
  await library.close();
  await Promise.all(
    ['films.json', 'film-speaker-720.mp4', 'film-audio-720.mp4'].map((file) => rm(join(folder, ID, file))),
  );
  library = openLibrary();
  await library.resume();
  await expect.poll(films, { timeout: 90_000 }).toEqual(['film-grid-720.mp4']);
});

it('does not begin again and again what the server ends with', async () => {
  await put();
  const film = { layout: 'grid', height: 720, attempts: 3, failed: false };
  await writeFile(join(folder, ID, 'films.json'), JSON.stringify({ version: 1, films: [film] }));
  await library.resume();
  expect((await library.list('lab'))[0]?.jobs).toMatchObject([{ state: 'failed' }]);
});
