import { expect, test, vi } from 'vitest';
import { THUMBNAIL_EVERY_MS, Thumbnails } from './thumbnails.ts';

const logger = { debug() {}, info() {}, warn: vi.fn(), error() {} };
const START = Buffer.from('film');

function setUp(make: (start: Buffer) => Promise<Buffer>) {
  let now = 1_000_000;
  const maker = vi.fn(make);
  const thumbnails = new Thumbnails({ make: maker, logger, now: () => now });
  return { thumbnails, maker, pass: (ms: number) => void (now += ms) };
}

const live = () => ({ state: 'live' as const, newestStart: (): Buffer | undefined => START });

test('one picture is made for all that ask, and another one only when it is old', async () => {
  let count = 0;
  const { thumbnails, maker, pass } = setUp(async () => Buffer.from(`picture ${(count += 1)}`));
  const stream = live();
  const all = await Promise.all(Array.from({ length: 20 }, () => thumbnails.of(stream)));
  expect(new Set(all.map((each) => each?.bytes.toString()))).toEqual(new Set(['picture 1']));
  pass(THUMBNAIL_EVERY_MS - 1);
  expect((await thumbnails.of(stream))?.etag).toBe(all[0]?.etag);
  pass(1);
  const next = await thumbnails.of(stream);
  expect(next?.bytes.toString()).toBe('picture 2');
  expect(next?.etag).not.toBe(all[0]?.etag);
  // Nobody asks: nothing is made.
  pass(10 * THUMBNAIL_EVERY_MS);
  expect(maker).toHaveBeenCalledTimes(2);
});

test('no picture where there is none to be seen, and one as soon as there is', async () => {
  const { thumbnails, maker } = setUp(async () => Buffer.from('picture'));
  expect(await thumbnails.of({ ...live(), state: 'ended' })).toBeUndefined();
  const stream = live();
  stream.newestStart = () => undefined;
  expect(await thumbnails.of(stream)).toBeUndefined();
  expect(maker).not.toHaveBeenCalled();
  stream.newestStart = () => START;
  expect((await thumbnails.of(stream))?.bytes.toString()).toBe('picture');
});

test('what cannot be made leaves the last one, and is not tried at each request', async () => {
  let works = true;
  const { thumbnails, maker, pass } = setUp(async () => {
    if (!works) throw new Error('there is no ffmpeg');
    return Buffer.from('picture');
  });
  const stream = live();
  const first = await thumbnails.of(stream);
  works = false;
  pass(THUMBNAIL_EVERY_MS);
  expect(await thumbnails.of(stream)).toBe(first);
  expect(await thumbnails.of(stream)).toBe(first);
  expect(maker).toHaveBeenCalledTimes(2);
  expect(logger.warn).toHaveBeenCalledOnce();
});

test('of many events two pictures are made at once', async () => {
  const waiting: (() => void)[] = [];
  const { thumbnails, maker } = setUp(
    () => new Promise((resolve) => waiting.push(() => resolve(Buffer.from('picture')))),
  );
  const pictures = Promise.all([live(), live(), live()].map((stream) => thumbnails.of(stream)));
  await vi.waitFor(() => expect(waiting).toHaveLength(2));
  expect(maker).toHaveBeenCalledTimes(2);
  waiting.shift()?.();
  await vi.waitFor(() => expect(maker).toHaveBeenCalledTimes(3));
  for (const done of waiting) done();
  expect((await pictures).every((picture) => picture !== undefined)).toBe(true);
});
