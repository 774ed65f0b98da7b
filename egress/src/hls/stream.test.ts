import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { ProgramFormat, ProgramFrame } from '../program/program.ts';
import { feed } from '../testing/feed.ts';
import { StreamFolder } from './folder.ts';
import { TIMING } from './segment.ts';
import { HlsStream } from './stream.ts';

// What is in a frame is of no interest to who packs it.

const root = mkdtempSync(join(tmpdir(), 'amphi-hls-unit-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const avc = (level: number) => Buffer.from([1, 0x42, 0xc0, level, 0xff, 0xe1, 0, 2, 0x67, level, 1, 0, 1, 0x68]);
const LARGE = { width: 1280, height: 720, config: avc(31) };
const SMALL = { width: 640, height: 360, config: avc(30) };
const AUDIO = { sampleRate: 48_000, channels: 2, config: Buffer.from([0x11, 0x90]) };
const BOTH: ProgramFormat = { videos: [LARGE], audio: AUDIO };

function pictures(seconds: number, { fps = 30, keyEvery = 60 } = {}): ProgramFrame[] {
  return Array.from({ length: seconds * fps }, (_, index) => {
    const timeUs = Math.round((index * 1_000_000) / fps);
    return { timeUs, wall: 0, keyFrame: index % keyEvery === 0, data: Buffer.alloc(1000) };
  });
}
function sound(seconds: number): ProgramFrame[] {
  return Array.from({ length: Math.floor((seconds * 48_000) / 1024) }, (_, index) => {
    const timeUs = Math.round((index * 1024 * 1000) / 48);
    return { timeUs, wall: 0, keyFrame: true, data: Buffer.alloc(200) };
  });
}

let count = 0;
function start(options: Partial<ConstructorParameters<typeof HlsStream>[0]> = {}) {
  const id = `s${count++}`;
  const folder = new StreamFolder(join(root, id), () => stream.lost());
  const stream: HlsStream = new HlsStream({
    id,
    roomId: 'lab',
    folder,
    windowSeconds: 7200,
    keepsAll: true,
    ...options,
  });
  return stream;
}

function playlistOf(stream: HlsStream, name: string, { ended = false, skip = false } = {}): string[] {
  const others = stream.renditions.flatMap((other) => (other.name === name ? [] : (other.position ?? [])));
  return stream.rendition(name)?.playlist(ended, others, skip).trimEnd().split('\n') ?? [];
}

/** A stream with so many seconds in it, of which the last second or so is not complete. */
function streamOf(seconds: number, options: Parameters<typeof start>[0] = {}) {
  const stream = start(options);
  stream.format(BOTH);
  feed(stream, { videos: [pictures(seconds)], audio: sound(seconds) }, { wall: Date.UTC(2026, 0, 1) });
  return stream;
}

it('lists segments, parts, and what comes next, with all that players need to wait for it', () => {
  const stream = streamOf(5);
  expect(playlistOf(stream, 'v0')).toEqual([
    '#EXTM3U',
    '#EXT-X-VERSION:9',
    '#EXT-X-TARGETDURATION:4',
    '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=24.0,HOLD-BACK=12.0,PART-HOLD-BACK=1.53',
    '#EXT-X-PART-INF:PART-TARGET=0.51',
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-DISCONTINUITY-SEQUENCE:0',
    '#EXT-X-MAP:URI="v0-i0.mp4"',
    '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z',
    '#EXT-X-PART:DURATION=0.50000,URI="v0-0.0.m4s",INDEPENDENT=YES',
    '#EXT-X-PART:DURATION=0.50000,URI="v0-0.1.m4s"',
    '#EXT-X-PART:DURATION=0.50000,URI="v0-0.2.m4s"',
    '#EXT-X-PART:DURATION=0.50000,URI="v0-0.3.m4s"',
    '#EXTINF:2.00000,',
    'v0-0.m4s',
    '#EXT-X-PART:DURATION=0.50000,URI="v0-1.0.m4s",INDEPENDENT=YES',
    '#EXT-X-PART:DURATION=0.50000,URI="v0-1.1.m4s"',
    '#EXT-X-PART:DURATION=0.50000,URI="v0-1.2.m4s"',
    '#EXT-X-PART:DURATION=0.50000,URI="v0-1.3.m4s"',
    '#EXTINF:2.00000,',
    'v0-1.m4s',
    '#EXT-X-PART:DURATION=0.50000,URI="v0-2.0.m4s",INDEPENDENT=YES',
    // The last picture of the fifth second has no end yet.
    '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="v0-2.1.m4s"',
    '#EXT-X-RENDITION-REPORT:URI="a.m3u8",LAST-MSN=2,LAST-PART=0',
  ]);
  const audio = playlistOf(stream, 'a');
  expect(audio.filter((line) => line.startsWith('#EXTINF'))).toHaveLength(2);
  expect(
    audio.filter((line) => line.startsWith('#EXT-X-PART:')).every((line) => line.endsWith('INDEPENDENT=YES')),
  ).toBe(true);
  expect(audio.at(-1)).toBe('#EXT-X-RENDITION-REPORT:URI="v0.m3u8",LAST-MSN=2,LAST-PART=0');
});

it('names codecs, sizes, rates and the sound in the multivariant playlist', () => {
  const stream = start();
  stream.format({ videos: [LARGE, SMALL], audio: AUDIO });
  expect(stream.multivariant('live', 'x/')).toBeUndefined();
  feed(stream, { videos: [pictures(5), pictures(5)], audio: sound(5) });
  expect(stream.state).toBe('live');
  const lines = stream.multivariant('live', 'x/')?.trimEnd().split('\n') ?? [];
  expect(lines[2]).toBe(
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,URI="x/a.m3u8"',
  );
  expect(lines[3]).toMatch(
    /^#EXT-X-STREAM-INF:BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,CODECS="avc1.42c01f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=30.000,AUDIO="sound"$/,
  );
  expect(lines.filter((line) => !line.startsWith('#'))).toEqual(['x/v0.m3u8', 'x/v1.m3u8']);
  // 1000 bytes thirty times a second and 200 bytes 47 times, and what boxes cost.
  const [, bandwidth] = /AVERAGE-BANDWIDTH=(\d+)/.exec(lines[3] ?? '') ?? [];
  expect(Number(bandwidth) / (1000 * 30 * 8 + 200 * 46.9 * 8)).toBeGreaterThan(1);
  expect(Number(bandwidth) / (1000 * 30 * 8 + 200 * 46.9 * 8)).toBeLessThan(1.05);
});

it('leaves what is old out of a delta update, and lists parts of the end only', () => {
  const stream = streamOf(61);
  const all = playlistOf(stream, 'v0');
  const delta = playlistOf(stream, 'v0', { skip: true });
  const [, skipped] = /SKIPPED-SEGMENTS=(\d+)/.exec(delta.join('\n')) ?? [];
  const segments = (lines: string[]) => lines.filter((line) => /^v0-\d+\.m4s$/.test(line));
  expect(Number(skipped)).toBeGreaterThan(0);
  expect(segments(delta)).toEqual(segments(all).slice(Number(skipped)));
  // Nothing within the last 24 s is left out, and not much more is in.
  const rest = segments(delta).length * 2 + 1;
  expect(rest).toBeGreaterThanOrEqual(TIMING.skipUntil);
  expect(rest).toBeLessThan(TIMING.skipUntil + 4);
  expect(all.filter((line) => line.startsWith('#EXT-X-PART:')).length).toBeLessThanOrEqual(
    (TIMING.partsListed + 4) * 2,
  );
  // A short stream has nothing to be left out, and says so by being whole.
  expect(playlistOf(streamOf(5), 'v0', { skip: true }).join()).not.toContain('SKIP:');
});

it('keeps to the longest segment where key frames do not come', () => {
  const stream = start();
  stream.format(BOTH);
  feed(stream, { videos: [pictures(20, { keyEvery: 1000 })], audio: sound(20) });
  const lengths = playlistOf(stream, 'v0').flatMap((line) => /#EXTINF:([\d.]+)/.exec(line)?.[1] ?? []);
  expect(lengths.length).toBeGreaterThanOrEqual(4);
  for (const length of lengths) expect(Math.round(Number(length))).toBeLessThanOrEqual(TIMING.target);
  const parts = playlistOf(stream, 'v0').filter((line) => line.startsWith('#EXT-X-PART:'));
  for (const line of parts) expect(Number(/DURATION=([\d.]+)/.exec(line)?.[1])).toBeLessThanOrEqual(TIMING.partTarget);
});

it('marks a change of format by a discontinuity and an initialisation of its own, in all renditions', () => {
  const stream = streamOf(5);
  stream.format({ videos: [SMALL], audio: AUDIO });
  feed(stream, { videos: [pictures(3)], audio: sound(3) }, { shiftUs: 5_000_000 });
  const video = playlistOf(stream, 'v0').join('\n');
  expect(video).toMatch(
    /v0-2\.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="v0-i1\.mp4"\n#EXT-X-PROGRAM-DATE-TIME:.*\n#EXT-X-PART:.*v0-3\.0\.m4s",INDEPENDENT=YES/,
  );
  const audio = playlistOf(stream, 'a').join('\n');
  expect(audio).toMatch(/#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME/);
  expect(audio.match(/#EXT-X-MAP/g)).toHaveLength(1);
});

it('waits while nobody sends, and goes on behind a discontinuity with a key frame', () => {
  const stream = streamOf(5);
  stream.idle();
  expect(stream.isIdle).toBe(true);
  const idle = playlistOf(stream, 'v0');
  // All that came can be played, and what comes is announced.
  expect(idle).toContain('v0-2.m4s');
  expect(idle).toContain('#EXT-X-PRELOAD-HINT:TYPE=PART,URI="v0-3.0.m4s"');
  expect(idle.join()).not.toContain('ENDLIST');
  const again = pictures(4, { keyEvery: 60 }).slice(10);
  feed(stream, { videos: [again], audio: sound(4) }, { shiftUs: 20_000_000 });
  expect(stream.isIdle).toBe(false);
  const lines = playlistOf(stream, 'v0').join('\n');
  expect(lines).toMatch(
    /#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:.*\n#EXT-X-PART:.*v0-3\.0\.m4s",INDEPENDENT=YES/,
  );
});

/** At which second of the media a segment that is in the memory begins. */
function beginsAt(stream: HlsStream, name: string): number {
  const [track = ''] = name.split('-');
  const bytes = stream.rendition(track)?.inMemory(name) ?? Buffer.alloc(0);
  const at = bytes.indexOf('tfdt');
  return Number(bytes.readBigUInt64BE(at + 8)) / (track === 'a' ? 48_000 : 90_000);
}

it('has no gap in the time of the media where nothing came, and says when it was', () => {
  const stream = streamOf(5);
  stream.idle();
  feed(stream, { videos: [pictures(5)], audio: sound(5) }, { shiftUs: 20_000_000, wall: Date.UTC(2026, 0, 1) });
  // Once more, as where a publisher comes and goes.
  feed(stream, { videos: [pictures(5)], audio: sound(5) }, { shiftUs: 60_000_000, wall: Date.UTC(2026, 0, 1) });
  const first = beginsAt(stream, 'v0-0.m4s');
  for (const [name, after] of [
    ['v0-3.m4s', 5],
    ['v0-6.m4s', 10],
  ] as const) {
    expect(beginsAt(stream, name)).toBeCloseTo(first + after, 1);
    // The sound stays with the picture.
    expect(beginsAt(stream, name.replace('v0', 'a'))).toBeCloseTo(beginsAt(stream, name), 1);
  }
  const lines = playlistOf(stream, 'v0');
  expect(lines.filter((_, index) => lines[index - 1] === '#EXT-X-DISCONTINUITY')).toEqual([
    '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:20.000Z',
    '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:01:00.000Z',
  ]);
});

it('goes on with a rendition that the program has no more, and with sound where there is none', () => {
  const stream = start();
  stream.format({ videos: [LARGE, SMALL], audio: undefined });
  feed(stream, { videos: [pictures(5), pictures(5)] });
  expect(stream.state).toBe('live');
  const before = stream.rendition('v1')?.position?.msn ?? 0;
  stream.format({ videos: [LARGE], audio: AUDIO });
  feed(stream, { videos: [pictures(5)], audio: sound(5) }, { shiftUs: 5_000_000 });
  expect(stream.rendition('v1')?.position?.msn).toBeGreaterThan(before + 1);
  expect(stream.rendition('a')?.position?.msn).toBe(stream.rendition('v0')?.position?.msn);
});

it('keeps only the window of what is live, and all of it for the replay', async () => {
  const stream = start({ windowSeconds: 60 });
  stream.format(BOTH);
  const tracks = { videos: [pictures(121)], audio: sound(121) };
  for (let second = 0; second < 121; second += 11) {
    feed(stream, tracks, { fromUs: second * 1_000_000, toUs: (second + 11) * 1_000_000 });
    await Promise.all(stream.renditions.map((rendition) => rendition.settled()));
  }
  const live = playlistOf(stream, 'v0');
  const [, first] = /MEDIA-SEQUENCE:(\d+)/.exec(live.join('\n')) ?? [];
  expect(Number(first)).toBeGreaterThanOrEqual(27);
  expect(live.filter((line) => line.startsWith('#EXTINF')).length).toBeGreaterThanOrEqual(30);
  stream.ended();
  await stream.settled();
  const replay = stream.rendition('v0')?.replay() ?? '';
  expect(replay).toContain('#EXT-X-PLAYLIST-TYPE:VOD');
  expect(replay).toContain('\nv0-0.m4s\n');
  expect(replay.trimEnd()).toMatch(/v0-60\.m4s\n#EXT-X-ENDLIST$/);
  expect(playlistOf(stream, 'v0', { ended: true }).join('\n')).toMatch(/v0-60\.m4s\n#EXT-X-ENDLIST/);
});

it('deletes what is out of the window where all of it would be too large', async () => {
  const stream = start({ windowSeconds: 60, maxBytes: 1_000_000 });
  stream.format(BOTH);
  const tracks = { videos: [pictures(121)], audio: sound(121) };
  for (let second = 0; second < 121; second += 11) {
    feed(stream, tracks, { fromUs: second * 1_000_000, toUs: (second + 11) * 1_000_000 });
    await Promise.all(stream.renditions.map((rendition) => rendition.settled()));
  }
  stream.ended();
  await stream.settled();
  expect(await stream.folder.open('v0-0.m4s')).toBeUndefined();
  expect(await stream.folder.open('v0-40.m4s')).toBeDefined();
  expect(stream.rendition('v0')?.replay()).not.toContain('\nv0-0.m4s\n');
  expect(stream.rendition('v0')?.replay()).toContain('\nv0-40.m4s\n');
});

it('goes on live from the memory when the disk is full, and the replay skips what is missing', async () => {
  const folder = new StreamFolder(join(root, 'full'), () => stream.lost());
  let isFull = false;
  const segment = folder.segment.bind(folder);
  folder.segment = (...args) => {
    if (!isFull) return segment(...args);
    if (args[1].msn === 10) stream.lost();
    return Promise.resolve(false);
  };
  const stream: HlsStream = new HlsStream({ id: 'full', roomId: 'lab', folder, windowSeconds: 7200, keepsAll: true });
  const settle = () => Promise.all(stream.renditions.map((rendition) => rendition.settled()));
  stream.format(BOTH);
  const tracks = { videos: [pictures(101)], audio: sound(101) };
  feed(stream, tracks, { toUs: 20_000_000 });
  await settle();
  isFull = true;
  feed(stream, tracks, { fromUs: 20_000_000, toUs: 40_000_000 });
  await settle();
  isFull = false;
  feed(stream, tracks, { fromUs: 40_000_000 });
  await settle();
  // What was lost has left the memory, and so the window begins behind it; it has no gap.
  const live = playlistOf(stream, 'v0').filter((line) => /^v0-\d+\.m4s$/.test(line));
  const numbers = live.map((line) => Number(/-(\d+)/.exec(line)?.[1]));
  expect(numbers[0]).toBeGreaterThanOrEqual(19);
  expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  const replay = stream.rendition('v0')?.replay().split('\n') ?? [];
  expect(replay).toContain('v0-8.m4s');
  expect(replay).not.toContain('v0-12.m4s');
  expect(replay.filter((line) => line === '#EXT-X-DISCONTINUITY').length).toBeGreaterThanOrEqual(1);
});
