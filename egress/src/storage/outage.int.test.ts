import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLibrary } from '../library/library.ts';
import { createRecorder } from '../recorder/recorder.ts';
import { Gate } from '../testing/s3/gate.ts';
import { missingS3, S3Server } from '../testing/s3/s3-server.ts';
import { startStage } from '../testing/stage-lab.ts';
import { createArchive } from './archive.ts';
import { readJournal } from './journal.ts';
import { createS3 } from './s3.ts';

const missing = missingS3();
if (missing !== undefined) process.stderr.write(missing);

const run = promisify(execFile);
const PATIENCE = { timeout: 90_000, interval: 100 };
/** Films of noise take long to encode. */
const PATIENCE_FOR_FILMS = { timeout: 300_000, interval: 100 };

describe.skipIf(missing)('a call that is recorded into a real S3 server', () => {
  let server: S3Server;
  let gate: Gate;
  let folder: string;
  beforeAll(async () => {
    server = await S3Server.start();
    gate = await Gate.open(Number(new URL(server.options.endpoint).port));
    folder = await mkdtemp(join(tmpdir(), 'amphi-outage-'));
  }, 70_000);
  afterAll(async () => {
    await gate?.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('goes on while the storage is away, and so do its films when it is back', { timeout: 600_000 }, async () => {
    const stage = await startStage();
    const { room, logger } = stage;
    const recorder = createRecorder({
      ...{ folder, logger, minFreeBytes: 0, room: () => room },
      onBegin: (manifest) => library.began(manifest),
      onEnd: (manifest) => library.ended(manifest),
    });
    const store = createS3({ ...server.options, endpoint: `http://127.0.0.1:${gate.port}` });
    const archive = createArchive({
      ...{ store, prefix: 'amphi/', folder, keepLocal: true, logger, manifestOf: recorder.get },
      isNeeded: (id) => library.isMaking(id),
      timing: { liveMs: 200, firstRetryMs: 100, longestRetryMs: 500 },
    });
    const library = createLibrary({
      ...{ recorder, archive, key: randomBytes(32), retentionDays: () => 1, logger, storageRetryMs: 300 },
    });
    try {
      await stage.join('ada');
      await stage.sendPicture('ada', { codec: 'h264', noisy: true });
      const recording = await recorder.start({
        ...{ roomId: 'lab', startedBy: { name: 'Ada' }, policy: 'tell', consentOf: () => 'given', onEnd: () => {} },
      });
      const { id } = recording.manifest;
      const path = recorder.folderOf(id) ?? '';
      const sent = async () => {
        const files = Object.values((await readJournal(path))?.files ?? {});
        return files.reduce((sum, { upload }) => sum + (upload?.parts.length ?? 0), 0);
      };
      const bytes = () => recording.manifest.tracks[0]?.parts[0]?.bytes ?? 0;
      await expect.poll(sent, PATIENCE).toBeGreaterThan(0);

      await gate.close();
      await expect.poll(async () => (await archive.stateOf(id)).state, PATIENCE).toBe('waiting');
      expect((await archive.stateOf(id)).problem).toContain('cannot be reached');
      const [before, had] = [await sent(), bytes()];
      await expect.poll(bytes, PATIENCE).toBeGreaterThan(had + 6_000_000);
      expect(await sent()).toBe(before);
      await gate.reopen();
      await expect.poll(sent, PATIENCE).toBeGreaterThan(before);
      await recording.stop();
      const [part] = recording.manifest.tracks[0]?.parts ?? [];
      if (!part) throw new Error('nothing was recorded');
      await expect.poll(async () => (await archive.stateOf(id)).state, PATIENCE).toBe('stored');

      // What is stored is what was recorded, from before the outage to the end, and can be decoded.
      const body = await archive.read(id, part.file, {
        start: 0,
        end: ((await archive.sizeOf(id, part.file)) ?? 0) - 1,
      });
      const copy = join(folder, 'copy.mp4');
      await writeFile(copy, body);
      const original = await readFile(join(path, part.file));
      expect((await readFile(copy)).equals(original)).toBe(true);
      const { stderr } = await run('ffprobe', [
        '-v',
        'error',
        '-count_frames',
        '-show_entries',
        'stream=nb_read_frames',
        copy,
      ]);
      expect(stderr).toBe('');

      // The film that every recording gets is made of what is here.
      const jobs = async () => (await library.get('lab', id)).jobs.map(({ layout, state }) => `${layout} ${state}`);
      await expect.poll(jobs, PATIENCE_FOR_FILMS).toEqual([]);
      await rm(join(path, part.file));
      await gate.close();
      await library.film('lab', id, { layout: 'speaker', height: 720 });
      await expect.poll(jobs, PATIENCE).toEqual(['speaker storage']);
      // Asking again makes no second one.
      await library.film('lab', id, { layout: 'speaker', height: 720 });
      expect(await jobs()).toHaveLength(1);
      await gate.reopen();
      const films = async () => (await library.get('lab', id)).films.map(({ file }) => file).toSorted();
      await expect.poll(films, PATIENCE_FOR_FILMS).toEqual(['film-grid-720.mp4', 'film-speaker-720.mp4']);
      // A film is there a moment before its job is done.
      await expect.poll(jobs, PATIENCE).toEqual([]);
    } finally {
      await library.close();
      stage.close();
    }
  });
});
