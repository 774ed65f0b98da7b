import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createS3, type ObjectStore } from '../../egress/src/storage/s3.ts';
import { missingS3, S3Server } from '../../egress/src/testing/s3/s3-server.ts';
import { configSchema } from '../src/index.ts';
import { examineStorage } from '../src/doctor/storage.ts';
import { Api } from './support/api.ts';
import { keepRecording } from './support/kept-recording.ts';
import { type Overrides, startTestServer } from './support/server.ts';

// A whole server whose recordings are in a real S3 storage.

const missing = missingS3();
if (missing !== undefined) process.stderr.write(missing);

const PATIENCE = { timeout: 40_000, interval: 100 };

describe.skipIf(missing)('recordings in a storage', { timeout: 90_000 }, () => {
  let s3: S3Server;
  let store: ObjectStore;
  let overrides: Overrides;
  beforeAll(async () => {
    s3 = await S3Server.start();
    store = createS3(s3.options);
    overrides = { recordings: { storage: 's3' }, s3: { ...s3.options, prefix: 'meet/' } };
  }, 70_000);
  afterAll(() => s3?.close());

  type Entry = { storage: string; films: { file: string; bytes: number }[]; jobs: unknown[] };

  test('are read, shared and deleted there, and the disk has only what lists need', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'amphi-test-'));
    // As a server leaves it that was killed while it recorded: the film is made by the next one, and kept in the storage.
    const first = await startTestServer({ dataDir });
    const room = await first.createRoom();
    const { id, file } = await keepRecording(first, room);
    await first.stop();
    const server = await startTestServer({ ...overrides, dataDir });
    const api = new Api(server);
    const path = `/rooms/${room}/recordings/${id}`;
    const entry = () => api.do<Entry>('get', path);
    const folder = join(dataDir, 'recordings', id);
    try {
      await expect.poll(async () => (await entry()).films.length, PATIENCE).toBe(1);
      await expect.poll(() => readdirSync(folder).filter((name) => /\.(webm|mp4)$/.test(name)), PATIENCE).toEqual([]);
      expect((await entry()).storage).toBe('stored');
      const film = (await entry()).films[0];
      expect(film?.bytes).toBeGreaterThan(1000);
      expect(await store.list(`meet/${id}/`)).toContain(`meet/${id}/${film?.file}`);

      const { url } = await api.do<{ url: string }>('post', `${path}/links`, { file });
      const part = await fetch(url, { headers: { range: 'bytes=0-3' } });
      // WebM begins with the EBML header's id.
      expect([part.status, Buffer.from(await part.arrayBuffer()).toString('hex')]).toEqual([206, '1a45dfa3']);
      expect((await fetch(url.replace(/signature=.{4}/, 'signature=AAAA'))).status).toBe(404);

      const share = await api.do<{ id: string; url: string }>('post', `${path}/shares`);
      const opened = await fetch(`${server.url}/api/shares/${share.id}`, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
        body: JSON.stringify({ secret: new URL(share.url).hash.slice(1) }),
      });
      const shared = (await opened.json()) as { film: { path: string } };
      const whole = await fetch(server.url + shared.film.path);
      expect((await whole.arrayBuffer()).byteLength).toBe(film?.bytes);

      await api.do('delete', path);
      await expect.poll(() => store.list(`meet/${id}/`), PATIENCE).toEqual([]);
      expect(await store.openUploads(`meet/${id}/`)).toEqual([]);
      expect((await fetch(url)).status).toBe(404);
      expect(server.errors).toEqual([]);
    } finally {
      await server.close();
    }
  });

  test('wrong keys are said at the start and by the doctor, and keep nobody from a call', async () => {
    const wrong = { ...overrides, s3: { ...overrides.s3, secretAccessKey: 'wrong' } };
    const server = await startTestServer(wrong);
    try {
      await expect.poll(() => server.errors.length, PATIENCE).toBe(1);
      await server.createRoom();
    } finally {
      await server.close();
    }
    const found = await examineStorage(configSchema.parse(wrong));
    expect(found).toMatchObject({
      state: 'failed',
      found: expect.stringMatching(/refuses the keys .*s3\.accessKeyId/),
    });
    expect(await examineStorage(configSchema.parse(overrides))).toMatchObject({ state: 'ok' });
    expect(await store.list('meet/amphi-check')).toEqual([]);
    expect(await examineStorage(configSchema.parse({}))).toMatchObject({ state: 'skipped' });
  });
});
