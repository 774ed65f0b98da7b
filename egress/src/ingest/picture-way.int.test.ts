import { execFileSync } from 'node:child_process';
import { quietLogger } from '@amphi/rooms/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { toAnnexB } from '../codecs/h264.ts';
import type { FlvFileTag } from '../containers/flv.ts';
import { TranscodeBudget } from '../program/budget.ts';
import { type FlvTag, readVideoTag } from '../rtmp/flv.ts';
import type { Frame } from '../rtp/frame.ts';
import { createH264Depacketizer } from '../rtp/h264.ts';
import { parseRtp } from '../rtp/packet.ts';
import { RtpWriter } from '../rtp/rtp-writer.ts';
import { flvTagsOf } from '../testing/flv-tags.ts';
import { PictureTrack } from './picture-track.ts';
import { PictureWay } from './picture-way.ts';

const FPS = 25;
/** What is black for a second, and white from then on. */
const FLASH = `color=black:s=320x180:r=${FPS},geq=lum='if(gte(T,1),235,16)':cb=128:cr=128`;
const MOVING = `testsrc2=s=320x180:r=${FPS}`;
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', `${FPS}`, '-pix_fmt', 'yuv420p'];
const B_FRAMES = ['-bf', '2', '-x264-params', 'b-adapt=0'];

const open: PictureWay[] = [];
afterEach(() => open.splice(0).forEach((way) => way.close()));

function start(cores: number, ffmpeg: () => string | undefined = () => 'ffmpeg') {
  const frames: Frame[] = [];
  const depacketizer = createH264Depacketizer();
  const track = new PictureTrack(new RtpWriter(1, 101), (packet) => {
    const parsed = parseRtp(packet);
    if (parsed) frames.push(...depacketizer.push(parsed, 0));
  });
  const budget = new TranscodeBudget(cores);
  const way = new PictureWay({ track, ffmpeg, budget, logger: quietLogger() });
  open.push(way);
  return { way, frames, budget };
}

const source = (input: string, seconds: number, more: readonly string[]) =>
  flvTagsOf(['-f', 'lavfi', '-i', input, '-t', `${seconds}`, ...X264, ...more]);

/** @param laterMs is added to the times of the tags */
function push(way: PictureWay, tags: readonly FlvFileTag[], laterMs = 0): void {
  for (const { ms, body } of tags) {
    const tag = readVideoTag(body);
    if (tag?.kind !== 'video' || tag.is === 'other') continue;
    if (tag.is === 'config') way.configure(tag.data);
    else way.write(ms + laterMs, tag.shiftMs, tag.data, tag.keyFrame);
  }
}

type Coded = Extract<FlvTag, { kind: 'video'; is: 'frame' }> & { ms: number };
const codedOf = (tags: readonly FlvFileTag[]): Coded[] =>
  tags.flatMap(({ ms, body }) => {
    const tag = readVideoTag(body);
    return tag?.kind === 'video' && tag.is === 'frame' ? [{ ...tag, ms }] : [];
  });
/** When each picture is shown, in ticks of RTP, in the order of showing. */
const shownAt = (tags: readonly FlvFileTag[], laterMs = 0) =>
  codedOf(tags)
    .map(({ ms, shiftMs }) => (ms + laterMs + shiftMs) * 90)
    .toSorted((a, b) => a - b);

/** How bright each picture is. */
function brightness(frames: readonly Frame[]): number[] {
  const stream = Buffer.concat(
    frames.map(({ data, keyFrame, config }) => toAnnexB(data, keyFrame ? config : undefined)),
  );
  const args = ['-v', 'error', '-f', 'h264', '-i', 'pipe:0', '-vf', 'scale=1:1', '-pix_fmt', 'gray'];
  return [
    ...execFileSync('ffmpeg', [...args, '-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'], { input: stream }),
  ];
}

test('a picture with B-frames comes out in order, at the times of what went in', { timeout: 60_000 }, async () => {
  const { way, frames, budget } = start(1);
  const tags = await source(FLASH, 4, B_FRAMES);
  expect(codedOf(tags).some(({ shiftMs }, index, all) => shiftMs !== all[0]?.shiftMs)).toBe(true);
  push(way, tags, 5_000_000_000);
  expect(way.treatment).toBe('encoded');
  expect(budget.free).toBeLessThan(1);
  // The decoder keeps back what may yet have to be put in order.
  await vi.waitFor(() => expect(frames.length).toBeGreaterThanOrEqual(FPS * 4 - 4), 20_000);
  const times = frames.map(({ timestamp }) => timestamp);
  expect(times).toEqual(
    shownAt(tags, 5_000_000_000)
      .slice(0, times.length)
      .map((time) => time % 2 ** 32),
  );
  const keyFrames = frames.flatMap(({ keyFrame }, index) => (keyFrame ? [index] : []));
  // Every two seconds, and where the picture is another one.
  expect(keyFrames).toEqual(expect.arrayContaining([0, FPS * 2]));
  const levels = brightness(frames);
  expect(levels).toHaveLength(frames.length);
  expect(levels.findIndex((level) => level > 128)).toBe(FPS);
  way.close();
  expect(budget.free).toBe(1);
});

test('a key frame is made when it is asked for, though not one after the other', { timeout: 60_000 }, async () => {
  const { way, frames } = start(1);
  const tags = await source(MOVING, 4, B_FRAMES);
  const [before, next, after] = [tags.slice(0, 30), tags.slice(30, 31), tags.slice(31)];
  push(way, before);
  way.requestKeyFrame();
  push(way, next);
  way.requestKeyFrame();
  push(way, after);
  await vi.waitFor(() => expect(frames.length).toBeGreaterThanOrEqual(FPS * 4 - 4), 20_000);
  const asked = shownAt(next)[0] ?? 0;
  const again = codedOf(after).find(({ ms, shiftMs }) => (ms + shiftMs) * 90 >= asked + 45_000);
  const askedAgain = ((again?.ms ?? 0) + (again?.shiftMs ?? 0)) * 90;
  // The next one by itself is two seconds behind that.
  expect(frames.filter(({ keyFrame }) => keyFrame).map(({ timestamp }) => timestamp)).toEqual(
    [shownAt(tags)[0] ?? 0, asked, askedAgain, askedAgain + 180_000].filter(
      (time) => time <= (frames.at(-1)?.timestamp ?? 0),
    ),
  );
  expect(frames.map(({ timestamp }) => timestamp)).toEqual(shownAt(tags).slice(0, frames.length));
});

test('a picture without them is not touched, whatever the parameters allow', async () => {
  const { way, frames } = start(1);
  // Held back for none, and said to be shown later all the same, as some encoders do.
  const tags = await source(MOVING, 1, ['-bf', '0']);
  const [config, ...coded] = tags.map(({ body }) => readVideoTag(body)).filter((tag) => tag?.is !== 'other');
  if (config?.is !== 'config') throw new Error('there is no config');
  way.configure(config.data as Buffer);
  for (const [index, tag] of coded.entries()) {
    if (tag?.kind === 'video' && tag.is === 'frame') way.write(index * 40, 80, tag.data, tag.keyFrame);
  }
  expect(way.treatment).toBe('as-sent');
  expect(frames.map(({ timestamp }) => timestamp)).toEqual(frames.map((_, index) => (index * 40 + 80) * 90));
});

test(
  'where no core is free, or no ffmpeg is there, it goes on as it is, until there is one',
  { timeout: 60_000 },
  async () => {
    const tags = await source(MOVING, 2, B_FRAMES);
    const without = start(1, () => undefined);
    push(without.way, tags);
    expect(without.way.treatment).toBe('no-ffmpeg');
    expect(without.frames).toHaveLength(codedOf(tags).length);
    const { way, frames, budget } = start(0.2);
    const giveBack = budget.take(0.2);
    push(way, tags);
    expect(way.treatment).toBe('no-core');
    expect(frames.map(({ timestamp }) => timestamp)).toEqual(
      codedOf(tags).map(({ ms, shiftMs }) => (ms + shiftMs) * 90),
    );
    giveBack?.();
    push(way, tags, 2000);
    expect(way.treatment).toBe('encoded');
    await vi.waitFor(() => expect(frames.length).toBeGreaterThan(codedOf(tags).length * 2 - 4), 20_000);
  },
);

const DAYS = 24 * 60 * 60 * 1000;

test.each([
  ['is killed', (way: PictureWay) => process.kill(way.pid ?? 0, 'SIGKILL')],
  // Of which a key frame is the first to tell it.
  ['has gone on for a week', (way: PictureWay, tags: FlvFileTag[]) => push(way, tags, 7 * DAYS)],
])('an encoder that %s comes back with the next key frame', { timeout: 60_000 }, async (_what, end) => {
  const { way, frames } = start(1);
  const tags = await source(FLASH, 2, B_FRAMES);
  push(way, tags);
  await vi.waitFor(() => expect(frames.length).toBeGreaterThan(FPS), 20_000);
  const { pid } = way;
  end(way, tags);
  await vi.waitFor(() => expect(way.pid).not.toBe(pid), 10_000);
  await vi.waitFor(() => expect(way.pid).toBeGreaterThan(0), 10_000);
  const before = frames.length;
  push(way, tags, 8 * DAYS);
  await vi.waitFor(() => expect(frames.length).toBeGreaterThan(before + FPS), 20_000);
  const again = frames.slice(before);
  expect(again[0]?.keyFrame).toBe(true);
  expect(again.map(({ timestamp }) => timestamp)).toEqual(
    shownAt(tags, 8 * DAYS)
      .slice(0, again.length)
      .map((time) => time % 2 ** 32),
  );
  // Black for its first second, as what went in.
  expect(brightness(again).findIndex((level) => level > 128)).toBe(FPS);
});

test('an encoder that does not work is given up', { timeout: 30_000 }, async () => {
  const { way, frames, budget } = start(1, () => '/bin/false');
  const tags = await source(MOVING, 1, B_FRAMES);
  push(way, tags);
  await vi.waitFor(() => expect(way.treatment).toBe('no-ffmpeg'), 20_000);
  expect(budget.free).toBe(1);
  push(way, tags, 2000);
  expect(way.treatment).toBe('no-ffmpeg');
  expect(frames.length).toBe(codedOf(tags).length);
});

test('what browsers cannot decode is made what they can, no larger than 1080p30', { timeout: 60_000 }, async () => {
  const { way, frames } = start(8);
  const input = 'testsrc2=s=2560x1440:r=60';
  const tags = await flvTagsOf([
    ...['-f', 'lavfi', '-i', input, '-t', '0.5', '-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0'],
    // Small enough to wait all at once: more than that would be taken for an encoder that cannot follow.
    ...['-crf', '40', '-pix_fmt', 'yuv444p'],
  ]);
  push(way, tags);
  expect(way.treatment).toBe('encoded');
  await vi.waitFor(() => expect(frames.length).toBe(15), 20_000);
  expect(frames[0]).toMatchObject({ size: { width: 1920, height: 1080 } });
  expect(frames[0]?.config?.[1]).toBe(77);
});
