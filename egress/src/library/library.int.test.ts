import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quietLogger } from '@amphi/rooms/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Manifest } from '../recorder/manifest.ts';
import { createRecorder, type Recorder } from '../recorder/recorder.ts';
import { createLibrary, type Library } from './library.ts';

const ID = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
const DAY = 24 * 60 * 60 * 1000;
let folder: string;
let recorder: Recorder;
let library: Library;
let now: number;

beforeEach(async () => {
  now = 100 * DAY;
  folder = await mkdtemp(join(tmpdir(), 'amphi-library-'));
  const logger = quietLogger();
  recorder = createRecorder({ folder, room: () => undefined, logger });
  library = createLibrary({ recorder, key: Buffer.alloc(32, 7), retentionDays: 10, logger, now: () => now });
});
afterEach(async () => {
  await library.close();
  await rm(folder, { recursive: true });
});

/** A recording of two seconds without anything to be seen in it. */
async function put(state: Manifest['state'] = 'complete', isEmpty = false): Promise<void> {
  const person = { role: 'speaker', joinedAt: now, leftAt: now + 2000 };
  const clock = { codec: 'vp8', clockRate: 90_000, rtpStart: 0, clock: [], sizes: [] };
  const part = { file: '1-camera-1.webm', startedAt: now, durationMs: 2000, bytes: 3, ...clock };
  const manifest: Manifest = {
    ...{ version: 1, id: ID, roomId: 'lab', state, startedAt: now, startedBy: 'Ada', policy: 'tell', speakers: [] },
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

function parse(path: string): [id: string, file: string, query: { expires: string; signature: string }] {
  const url = new URL(path, 'http://host');
  const [, , id = '', file = ''] = url.pathname.split('/');
  const { searchParams } = url;
  return [id, file, { expires: searchParams.get('expires') ?? '', signature: searchParams.get('signature') ?? '' }];
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
  expect(library.open(id, file, query)).toBe(join(folder, ID, '1-camera-1.webm'));
  expect(library.open(id, 'manifest.json', query)).toBeUndefined();
  expect(library.open(id, '2-camera-1.webm', query)).toBeUndefined();
  expect(library.open(id, file, { ...query, expires: `${expiresAt + 1}` })).toBeUndefined();
  expect(library.open('../..', file, query)).toBeUndefined();
  expect(expiresAt - now).toBeLessThan(DAY / 24);
  now = expiresAt;
  expect(library.open(id, file, query)).toBeUndefined();
  for (const wrong of ['manifest.json', '../secrets.json', 'none.webm']) {
    await expect(library.link('lab', ID, wrong), wrong).rejects.toMatchObject({ code: 'not-found' });
  }
});

it('removes the bytes, of what is over', async () => {
  await put('recording');
  await expect(library.remove('lab', ID)).rejects.toMatchObject({ code: 'wrong-state' });
  await expect(library.film('lab', ID, { layout: 'grid', height: 720 })).rejects.toMatchObject({ code: 'wrong-state' });
  await recorder.recover();
  await library.remove('lab', ID);
  expect(await library.list('lab')).toEqual([]);
});

it('removes what is too old', async () => {
  await put();
  expect(await library.prune()).toBe(0);
  now += 11 * DAY;
  expect(await library.prune()).toBe(1);
  expect(await library.list('lab')).toEqual([]);
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
