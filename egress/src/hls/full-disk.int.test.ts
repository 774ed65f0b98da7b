import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeAudio, encodeVideo } from '../testing/elementary.ts';
import { feed } from '../testing/feed.ts';
import { readStreamFolder, StreamFolder } from './folder.ts';
import { HlsStream } from './stream.ts';

// A disk of its own that really is full: a tmpfs of a few megabytes, which only root may mount.

const run = promisify(execFile);
const SECONDS = 8;
/** What is on the disk beside the stream. */
const FILLER = 'filler';
let disk: string;
let isMounted = false;

beforeAll(async () => {
  disk = await mkdtemp(join(tmpdir(), 'amphi-full-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { stdio: 'ignore' });
    isMounted = true;
  } catch {
    process.stderr.write('SKIP: no file system can be mounted here, so the full disk is not tested with a real one\n');
  }
});
afterAll(async () => {
  if (isMounted) execFileSync('umount', [disk]);
  await rm(disk, { recursive: true });
});

it(
  'stays up on a full disk, and what was written before and after is the replay',
  { timeout: 90_000 },
  async (test) => {
    test.skip(!isMounted, 'SKIP: no file system can be mounted here');
    const video = await encodeVideo({ width: 640, height: 360, seconds: SECONDS, kilobits: 1000 });
    const sound = await encodeAudio({ seconds: SECONDS });
    let now = Date.now();
    const errors: Error[] = [];
    const onError = (error: Error) => {
      errors.push(error);
      stream.lost();
    };
    const folder = new StreamFolder(join(disk, 'event'), onError, () => now);
    const stream: HlsStream = new HlsStream({
      id: 'event',
      roomId: 'lab',
      folder,
      windowSeconds: 7200,
      keepsAll: true,
    });
    let shiftUs = 0;
    const send = async () => {
      feed(stream, { videos: [video.frames], audio: sound.frames }, { shiftUs });
      shiftUs += SECONDS * 1_000_000;
      await Promise.all(stream.renditions.map((rendition) => rendition.settled()));
    };
    stream.format({ videos: [video.format], audio: sound.format });
    await send();
    expect(errors).toEqual([]);

    await run('sh', ['-c', `cat /dev/zero > ${join(disk, FILLER)} || true`]);
    await send();
    await send();
    expect(errors.length).toBeGreaterThan(0);
    for (const { message } of errors) expect(message).toContain('ENOSPC');
    // Whoever watches has all of the newest, out of the memory.
    expect(stream.state).toBe('live');
    const live = stream.rendition('v0')?.playlist(false, [], false) ?? '';
    const names = [...live.matchAll(/^v0-\d+\.m4s$/gm)].map(([name]) => name);
    expect(names.length).toBeGreaterThanOrEqual(10);
    for (const name of names.slice(-5)) expect(stream.rendition('v0')?.inMemory(name)?.length).toBeGreaterThan(1000);

    await rm(join(disk, FILLER));
    // So long a disk that failed is left alone.
    now += 10_000;
    await send();
    stream.ended();
    await stream.settled();
    const kept = await readStreamFolder(folder.path);
    expect(kept?.endedAt).not.toBeNull();
    const replay = stream.rendition('v0')?.replay() ?? '';
    // Where something is missing the replay says so.
    expect(replay).toContain('#EXT-X-DISCONTINUITY\n');
    const file = join(folder.path, 'replay.m3u8');
    await writeFile(file, replay);
    const entries = ['-select_streams', 'v', '-show_entries', 'frame=pts_time', '-of', 'csv=p=0'];
    const { stdout, stderr } = await run('ffprobe', ['-v', 'error', '-allowed_extensions', 'ALL', ...entries, file]);
    expect(stderr).toBe('');
    const count = stdout.split('\n').filter(Boolean).length;
    // The first and the last of four times; what is under way when the disk fills up is lost with the rest.
    expect(count).toBeGreaterThan(30 * SECONDS);
    expect(count).toBeLessThan(3 * 30 * SECONDS);
  },
);
