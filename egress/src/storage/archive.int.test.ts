import { createHash, randomBytes } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quietLogger } from '@amphi/rooms/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Manifest } from '../recorder/manifest.ts';
import { readManifest } from '../recorder/manifest-file.ts';
import { Gate } from '../testing/s3/gate.ts';
import { missingS3, S3Server } from '../testing/s3/s3-server.ts';
import { type Archive, createArchive } from './archive.ts';
import { readJournal } from './journal.ts';
import { createS3, type ObjectStore } from './s3.ts';

const missing = missingS3();
if (missing !== undefined) process.stderr.write(missing);

const MIB = 1024 * 1024;
const CAMERA = '1-camera-1.webm';
const VOICE = '2-microphone-1.webm';
const PATIENCE = { timeout: 20_000, interval: 50 };

describe.skipIf(missing)('recordings that are brought to a real S3 server', { timeout: 60_000 }, () => {
  let server: S3Server;
  let gate: Gate;
  /** Past the gate: what is there, whether or not the archive can reach it. */
  let store: ObjectStore;
  let folder: string;
  let archive: Archive;
  let id: string;
  let isNeeded: boolean;

  beforeAll(async () => {
    server = await S3Server.start();
    gate = await Gate.open(Number(new URL(server.options.endpoint).port));
    store = createS3(server.options);
  }, 70_000);
  afterAll(async () => {
    await gate?.close();
    await server?.close();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'amphi-archive-'));
    id = crypto.randomUUID();
    isNeeded = false;
    await mkdir(join(folder, id));
    archive = openArchive();
  });
  afterEach(async () => {
    await archive.close();
    await gate.reopen();
    await rm(folder, { recursive: true });
  });

  function openArchive(more: { keepLocal?: boolean } = {}): Archive {
    return createArchive({
      store: createS3({ ...server.options, endpoint: `http://127.0.0.1:${gate.port}` }),
      ...{ prefix: 'amphi/', folder, keepLocal: false, logger: quietLogger(), isNeeded: () => isNeeded, ...more },
      manifestOf: (wanted) => readManifest(join(folder, wanted)),
      timing: { liveMs: 100, firstRetryMs: 50, longestRetryMs: 200 },
    });
  }

  const path = (file: string) => join(folder, id, file);
  const key = (file: string) => `amphi/${id}/${file}`;
  async function stateIs(state: string): Promise<void> {
    await expect.poll(async () => (await archive.stateOf(id)).state, PATIENCE).toBe(state);
  }
  const partsOf = async (file: string) => (await readJournal(join(folder, id)))?.files[file]?.upload?.parts.length ?? 0;
  const inStorage = () => store.list(`amphi/${id}/`);

  async function describeAs(state: Manifest['state'], files: string[]): Promise<void> {
    const clock = { codec: 'vp8', clockRate: 90_000, rtpStart: 0, clock: [], sizes: [] };
    const manifest: Manifest = {
      ...{ version: 1, id, roomId: 'lab', state, startedAt: 1, startedBy: 'Ada', policy: 'tell', speakers: [] },
      film: { layout: 'grid', height: 720 },
      endedAt: state === 'recording' ? null : 2001,
      people: [{ id: 'ada', name: 'Ada', role: 'speaker', joinedAt: 1, leftAt: null, consent: 'given' }],
      tracks: files.map((file) => ({
        ...{ id: file, personId: 'ada', source: 'camera', kind: 'video', mutes: [] },
        parts: [{ file, startedAt: 1, durationMs: 2000, bytes: 1, ...clock }],
      })),
    };
    await writeFile(path('manifest.json'), JSON.stringify(manifest));
  }

  /** A camera of two full parts and more, and a voice of less than one: under way. */
  async function record(): Promise<void> {
    await writeFile(path(CAMERA), randomBytes(18 * MIB));
    await writeFile(path(VOICE), randomBytes(1000));
    await describeAs('recording', [CAMERA, VOICE]);
    archive.changed(id);
    await expect.poll(() => partsOf(CAMERA), PATIENCE).toBe(2);
  }

  /** As the container does it: something at the end, and the beginning once more. */
  async function end(): Promise<Buffer> {
    await appendFile(path(CAMERA), randomBytes(MIB));
    const file = await open(path(CAMERA), 'r+');
    await file.write(Buffer.from('duration'), 0, 8, 40);
    await file.close();
    await describeAs('complete', [CAMERA, VOICE]);
    return readFile(path(CAMERA));
  }

  const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  async function readAll(file: string): Promise<Buffer> {
    const bytes = (await archive.sizeOf(id, file)) ?? 0;
    const body = await archive.read(id, file, { start: 0, end: bytes - 1 });
    return Buffer.from(await new Response(body).arrayBuffer());
  }

  test('parts go up while it is recorded, the end with the new beginning; then the disk is free', async () => {
    await record();
    expect((await store.openUploads(key(''))).map((upload) => upload.key)).toEqual([key(CAMERA)]);
    expect(await inStorage()).toEqual([]);
    expect((await archive.stateOf(id)).state).toBe('moving');
    await writeFile(path('film-grid-720.mp4'), 'a film');
    await writeFile(path('poster.jpg'), 'a picture');
    const camera = await end();
    archive.changed(id);
    await stateIs('stored');
    const all = [CAMERA, VOICE, 'film-grid-720.mp4', 'manifest.json', 'poster.jpg'];
    expect((await inStorage()).toSorted()).toEqual(all.map(key).toSorted());
    expect(await store.openUploads(key(''))).toEqual([]);
    await expect
      .poll(async () => (await readdir(join(folder, id))).toSorted(), PATIENCE)
      .toEqual(['manifest.json', 'poster.jpg', 'storage.json']);
    expect(hash(await readAll(CAMERA))).toBe(hash(camera));
    const across = { start: 8 * MIB - 5, end: 8 * MIB + 4 };
    const part = await new Response(await archive.read(id, CAMERA, across)).arrayBuffer();
    expect(Buffer.from(part)).toEqual(camera.subarray(across.start, across.end + 1));
  });

  test('an outage and a restart in the middle lose nothing, and what waits says why', async () => {
    await record();
    await gate.close();
    const camera = await end();
    archive.changed(id);
    await stateIs('waiting');
    expect((await archive.stateOf(id)).problem).toMatch(/^The storage at http:.* cannot be reached \(.+\)\.$/);
    await archive.close();
    archive = openArchive();
    archive.changed(id);
    await stateIs('waiting');
    expect((await readdir(join(folder, id))).toSorted()).toEqual([CAMERA, VOICE, 'manifest.json', 'storage.json']);
    // What was sent before is not sent again.
    expect(await partsOf(CAMERA)).toBe(2);
    await gate.reopen();
    await stateIs('stored');
    expect(hash(await readAll(CAMERA))).toBe(hash(camera));
    expect(await store.openUploads(key(''))).toEqual([]);
  });

  test('an upload that the storage ended, or that nobody wrote down, is begun anew or given up', async () => {
    await record();
    const [upload] = await store.openUploads(key(''));
    if (upload) await store.abortUpload(upload);
    await store.beginUpload(key('film-grid-720.mp4'));
    await archive.close();
    const camera = await end();
    archive = openArchive();
    archive.changed(id);
    await stateIs('stored');
    expect(hash(await readAll(CAMERA))).toBe(hash(camera));
    expect(await store.openUploads(key(''))).toEqual([]);
  });

  test('deleted leaves neither objects nor uploads, even when the storage is away, and after a restart', async () => {
    await record();
    await store.put(key('film-grid-720.mp4'), Buffer.from('a film'));
    await gate.close();
    await archive.remove(id);
    await rm(join(folder, id), { recursive: true });
    await archive.close();
    expect(await store.openUploads(key(''))).toHaveLength(1);
    archive = openArchive();
    archive.resume();
    await gate.reopen();
    await expect.poll(inStorage, PATIENCE).toEqual([]);
    await expect.poll(() => store.openUploads(key('')), PATIENCE).toEqual([]);
    await expect.poll(() => readdir(join(folder, 'removed')), PATIENCE).toEqual([]);
  });

  test('what somebody takes back is deleted in the storage while it is recorded', async () => {
    await record();
    await describeAs('recording', [VOICE]);
    await rm(path(CAMERA));
    await expect.poll(() => store.openUploads(key('')), PATIENCE).toEqual([]);
    await describeAs('complete', [VOICE]);
    archive.changed(id);
    await stateIs('stored');
    expect((await inStorage()).toSorted()).toEqual([key(VOICE), key('manifest.json')].toSorted());
  });

  test('what a film is made of is fetched, and goes again afterwards', async () => {
    await record();
    const camera = await end();
    archive.changed(id);
    await stateIs('stored');
    await expect.poll(() => readdir(join(folder, id)), PATIENCE).not.toContain(CAMERA);
    const { signal } = new AbortController();
    const seen = await archive.use(id, [CAMERA], signal, async () => {
      await writeFile(path('film-speaker-720.mp4'), 'another film');
      return hash(await readFile(path(CAMERA)));
    });
    expect(seen).toBe(hash(camera));
    await expect.poll(inStorage, PATIENCE).toContain(key('film-speaker-720.mp4'));
    await expect.poll(() => readdir(join(folder, id)), PATIENCE).not.toContain(CAMERA);
    expect(hash(await readAll(CAMERA))).toBe(hash(camera));
    await gate.close();
    await expect(archive.use(id, [CAMERA], signal, async () => undefined)).rejects.toMatchObject({
      reason: 'unreachable',
    });
  });

  test('files stay as long as films wait, or where they are to stay', async () => {
    isNeeded = true;
    await record();
    await end();
    archive.changed(id);
    await stateIs('stored');
    expect(await readdir(join(folder, id))).toContain(CAMERA);
    await archive.close();
    isNeeded = false;
    archive = openArchive({ keepLocal: true });
    archive.changed(id);
    await stateIs('stored');
    expect(await readdir(join(folder, id))).toContain(CAMERA);
  });
});
