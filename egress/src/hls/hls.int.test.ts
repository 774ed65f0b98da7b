import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeAudio, encodeVideo } from '../testing/elementary.ts';
import { feed } from '../testing/feed.ts';
import { readStreamFolder, StreamFolder } from './folder.ts';
import { HlsStream } from './stream.ts';
import { makeThumbnail } from './thumbnail.ts';

// ffmpeg makes the frames, the packager what players load, and ffmpeg reads that again, from files as a player would.

const run = promisify(execFile);
let root: string;
let large: Awaited<ReturnType<typeof encodeVideo>>;
let small: Awaited<ReturnType<typeof encodeVideo>>;
let sound: Awaited<ReturnType<typeof encodeAudio>>;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amphi-hls-'));
  large = await encodeVideo({ width: 640, height: 360, seconds: 8 });
  small = await encodeVideo({ width: 320, height: 180, seconds: 8, kilobits: 200 });
  sound = await encodeAudio({ seconds: 8 });
}, 60_000);
afterAll(() => rm(root, { recursive: true }));

function start(id: string) {
  const errors: Error[] = [];
  const folder = new StreamFolder(join(root, id), (error) => {
    errors.push(error);
    stream.lost();
  });
  const stream: HlsStream = new HlsStream({ id, roomId: 'lab', folder, windowSeconds: 7200, keepsAll: true });
  return { stream, folder, errors };
}

/** Ends it and writes the replay's playlists beside its files; answers the multivariant one. */
async function replay({ stream, folder }: ReturnType<typeof start>): Promise<string> {
  stream.ended();
  await stream.settled();
  for (const rendition of stream.renditions) {
    await writeFile(join(folder.path, `${rendition.name}-replay.m3u8`), rendition.replay());
  }
  const file = join(folder.path, 'replay.m3u8');
  await writeFile(file, stream.multivariant('replay', '') ?? '');
  return file;
}

async function framesOf(file: string, stream: string): Promise<number[]> {
  const { stdout, stderr } = await run('ffprobe', [
    ...['-v', 'warning', '-allowed_extensions', 'ALL', '-select_streams', stream],
    ...['-show_entries', 'frame=pts_time', '-of', 'csv=p=0', file],
  ]);
  expect(stderr.replace(/^.*(Opening|duplicated MOOV).*\n/gm, '')).toBe('');
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => Number(line.split(',')[0]));
}

it('packs pictures in two sizes and sound so that ffmpeg decodes every frame', { timeout: 60_000 }, async () => {
  const started = start('plain');
  started.stream.format({ videos: [large.format, small.format], audio: sound.format });
  feed(started.stream, { videos: [large.frames, small.frames], audio: sound.frames });
  const file = await replay(started);
  const { stdout } = await run('ffprobe', [
    '-v',
    'error',
    '-show_entries',
    'stream=codec_name,width',
    '-of',
    'csv=p=0',
    file,
  ]);
  expect(
    stdout
      .split('\n')
      .filter((line) => /h264|aac/.test(line))
      .toSorted(),
  ).toEqual(expect.arrayContaining(['aac', 'h264,320', 'h264,640'].map((text) => expect.stringContaining(text))));
  for (const name of ['v0', 'v1']) {
    const times = await framesOf(join(started.folder.path, `${name}-replay.m3u8`), 'v');
    expect(times).toHaveLength(240);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeCloseTo(239 / 30, 2);
  }
  expect((await framesOf(join(started.folder.path, 'a-replay.m3u8'), 'a')).length).toBe(sound.frames.length);
  expect(started.errors).toEqual([]);
});

it('decodes on over a change of size, a pause, and times without picture or sound', { timeout: 60_000 }, async () => {
  const started = start('changes');
  const { stream } = started;
  stream.format({ videos: [large.format], audio: undefined });
  feed(stream, { videos: [large.frames] }, { toUs: 4_000_000 });
  stream.format({ videos: [], audio: sound.format });
  feed(stream, { audio: sound.frames }, { toUs: 4_000_000, shiftUs: 4_000_000 });
  stream.format({ videos: [small.format], audio: sound.format });
  feed(stream, { videos: [small.frames], audio: sound.frames }, { toUs: 4_000_000, shiftUs: 8_000_000 });
  stream.idle();
  feed(stream, { videos: [small.frames], audio: sound.frames }, { toUs: 4_000_000, shiftUs: 32_000_000 });
  await replay(started);
  const text = await readFile(join(started.folder.path, 'v0-replay.m3u8'), 'utf8');
  expect(text.match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(3);
  expect(text.match(/#EXT-X-MAP/g)).toHaveLength(3);
  const pictures = await framesOf(join(started.folder.path, 'v0-replay.m3u8'), 'v');
  // 120 of the large one, black ones ten times a second, twice 120 of the small one.
  expect(pictures.length).toBeGreaterThanOrEqual(120 + 38 + 240);
  expect(pictures.length).toBeLessThanOrEqual(120 + 41 + 240);
  // The pause of 20 s is none in the time of the media, which players go by that know nothing of discontinuities.
  expect((pictures.at(-1) ?? 0) - (pictures[0] ?? 0)).toBeCloseTo(16, 0);
  const heard = await framesOf(join(started.folder.path, 'a-replay.m3u8'), 'a');
  expect(Math.abs(heard.length - (16 * 48_000) / 1024)).toBeLessThan(12);
});

it('makes black pictures that a decoder takes for black ones', { timeout: 60_000 }, async () => {
  const started = start('black');
  started.stream.format({ videos: [], audio: sound.format });
  feed(started.stream, { audio: sound.frames });
  await replay(started);
  const { stdout } = await run('ffmpeg', [
    ...['-v', 'error', '-allowed_extensions', 'ALL', '-i', join(started.folder.path, 'v0-replay.m3u8')],
    ...['-vf', 'signalstats,metadata=print:file=-', '-f', 'null', '-'],
  ]);
  const values = (key: string) =>
    [...stdout.matchAll(new RegExp(`${key}=(\\d+)`, 'g'))].map(([, value]) => Number(value));
  expect(values('YMAX').length).toBeGreaterThan(70);
  expect(new Set([...values('YMIN'), ...values('YMAX')])).toEqual(new Set([16]));
  expect(new Set([...values('UMAX'), ...values('VMIN')])).toEqual(new Set([128]));
});

it('makes a small picture of the youngest key frame', { timeout: 60_000 }, async () => {
  const { stream } = start('thumbnail');
  expect(stream.newestStart(360)).toBeUndefined();
  stream.format({ videos: [large.format, small.format], audio: sound.format });
  feed(stream, { videos: [large.frames, small.frames], audio: sound.frames }, { toUs: 4_000_000 });
  // The smallest one that is large enough.
  expect(stream.newestStart(360)).toEqual(stream.rendition('v0')?.newestStart());
  expect(stream.newestStart(100)).toEqual(stream.rendition('v1')?.newestStart());
  const picture = await makeThumbnail(stream.newestStart(360) ?? Buffer.alloc(0));
  const file = join(root, 'thumb.jpg');
  await writeFile(file, picture);
  const entries = ['-show_entries', 'stream=codec_name,width,height', '-of', 'csv=p=0'];
  expect((await run('ffprobe', ['-v', 'error', ...entries, file])).stdout.trim()).toBe('mjpeg,640,360');
  // There is more to be seen than one colour.
  expect(picture.length).toBeGreaterThan(5000);
  await expect(makeThumbnail(Buffer.from('no film'))).rejects.toThrow(/ffmpeg made no thumbnail/);
});

it('goes on where a killed server stopped, and all of it is the replay', { timeout: 60_000 }, async () => {
  const first = start('killed');
  first.stream.format({ videos: [large.format], audio: sound.format });
  feed(first.stream, { videos: [large.frames], audio: sound.frames }, { toUs: 7_000_000 });
  // Neither ended nor told: only what the journal names is there. Its last line is half written.
  await Promise.all(first.stream.renditions.map((rendition) => rendition.settled()));
  const journal = join(root, 'killed', 'journal.jsonl');
  const lines = (await readFile(journal, 'utf8')).trimEnd().split('\n').slice(0, -1);
  await writeFile(journal, `${lines.join('\n')}\n{"type":"segm`);
  const kept = await readStreamFolder(join(root, 'killed'));
  expect(kept).toMatchObject({ roomId: 'lab', endedAt: null });
  expect(kept?.renditions.get('v0')?.segments).toHaveLength(3);

  const folder = new StreamFolder(join(root, 'killed'), (error) => expect.unreachable(error.message));
  const stream = new HlsStream({ id: 'killed', roomId: 'lab', folder, windowSeconds: 7200, keepsAll: true }, kept);
  expect(stream.state).toBe('ended');
  stream.format({ videos: [large.format], audio: sound.format });
  feed(stream, { videos: [large.frames], audio: sound.frames }, { toUs: 4_000_000 });
  expect(stream.state).toBe('live');
  await replay({ stream, folder, errors: [] });
  expect(await framesOf(join(root, 'killed', 'v0-replay.m3u8'), 'v')).toHaveLength(180 + 120);
});
