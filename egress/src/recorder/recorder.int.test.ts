import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TapSink } from '@amphi/rooms';
import { startRoom } from '@amphi/rooms/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { sendRtp } from '../testing/send-rtp.ts';
import type { Manifest } from './manifest.ts';
import { createRecorder, type Recorder } from './recorder.ts';

// The room is real, its media plane is fake: packets that ffmpeg's RTP muxer made go into the taps that recordings open.

const run = promisify(execFile);
let packets: Buffer[];
let clips: string;
let folder: string;

beforeAll(async () => {
  clips = await mkdtemp(join(tmpdir(), 'amphi-clips-'));
  const input = ['-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=25:duration=3'];
  const encoder = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-g', '25', '-b:v', '300k'];
  packets = await sendRtp({ input, encoder }, join(clips, 'clip.webm'));
}, 120_000);
afterAll(() => rm(clips, { recursive: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amphi-recordings-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const ssrc = () => packets[0]?.readUInt32BE(8) ?? 0;
const payloadType = () => (packets[0]?.[1] ?? 0) & 0x7f;

function begin(sink: TapSink): void {
  const codec = { mimeType: 'video/VP8', payloadType: payloadType(), clockRate: 90_000 };
  sink.started({ kind: 'video', paused: false, rtpParameters: { codecs: [codec], encodings: [{ ssrc: ssrc() }] } });
}

function feed(sink: TapSink, some: readonly Buffer[] = packets): void {
  begin(sink);
  for (const packet of some) sink.rtp(packet);
}

type Ended = Manifest & { file(index: number): string };

async function startRecording(consentOf: (id: string) => 'given' | 'asked' | 'refused' = () => 'given') {
  const lab = await startRoom();
  const recorder: Recorder = createRecorder({ folder, room: () => lab.room, logger: lab.logger, minFreeBytes: 0 });
  const ended: Manifest[] = [];
  const start = () =>
    recorder.start({
      roomId: 'lab',
      startedBy: { name: 'Ada' },
      policy: 'tell',
      consentOf,
      onEnd: (manifest) => ended.push(manifest),
    });
  const sinkOf = (producerId: string): TapSink => {
    const tap = [...lab.media.taps].find((open) => open.producerId === producerId);
    if (!tap) throw new Error('there is no tap of this producer');
    return tap.sink;
  };
  return { ...lab, recorder, start, ended, sinkOf };
}

async function readBack(id: string): Promise<Ended> {
  const manifest = JSON.parse(await readFile(join(folder, id, 'manifest.json'), 'utf8')) as Manifest;
  const files = manifest.tracks.flatMap(({ parts }) => parts.map(({ file }) => join(folder, id, file)));
  return { ...manifest, file: (index) => files[index] ?? '' };
}

async function framesIn(file: string): Promise<number> {
  const count = ['-count_frames', '-select_streams', 'v', '-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0'];
  const { stdout } = await run('ffprobe', ['-v', 'error', ...count, file]);
  return Number(stdout.trim());
}

it('writes what is sent, who sent it and when, and nothing before the start', async () => {
  const { room, joinWithCamera, start, sinkOf, media, ended } = await startRecording();
  const ada = await joinWithCamera('ada');
  expect(media.taps.size).toBe(0);
  expect(await readdir(folder)).toEqual([]);
  const recording = await start();
  feed(sinkOf(ada.producerId));
  const bob = await joinWithCamera('bob');
  feed(sinkOf(bob.producerId));
  await room.tracks.update('ada', { producerId: ada.producerId, muted: true });
  room.leave('bob', 'left');
  await recording.stop();
  expect(media.taps.size).toBe(0);
  expect(room.members().map(({ id }) => id)).toEqual(['ada']);

  const made = await readBack(recording.manifest.id);
  expect(made).toMatchObject({ state: 'complete', roomId: 'lab', startedBy: 'Ada' });
  expect(made.people.map(({ name, consent }) => [name, consent])).toEqual([
    ['ADA', 'given'],
    ['BOB', 'given'],
  ]);
  expect(made.tracks.map(({ personId, source, mutes }) => [personId, source, mutes.length])).toEqual([
    ['ada', 'camera', 1],
    ['bob', 'camera', 0],
  ]);
  const [part] = made.tracks[0]?.parts ?? [];
  expect(part).toMatchObject({ codec: 'vp8', sizes: [{ ms: 0, width: 160, height: 90 }] });
  expect(Math.abs((part?.durationMs ?? 0) - 3000)).toBeLessThan(100);
  expect(await framesIn(made.file(0))).toBe(75);
  expect(ended).toHaveLength(1);
});

it('leaves out who refuses, also what was written before', async () => {
  const consents = new Map([['bob', 'asked' as const]]);
  const { joinWithCamera, start, sinkOf, media } = await startRecording((id) => consents.get(id) ?? 'given');
  const [ada, bob] = [await joinWithCamera('ada'), await joinWithCamera('bob')];
  const recording = await start();
  expect([...media.taps].map(({ producerId }) => producerId)).toEqual([ada.producerId]);
  recording.consent('bob', true);
  feed(sinkOf(ada.producerId));
  feed(sinkOf(bob.producerId));
  recording.consent('ada', false);
  expect([...media.taps].map(({ producerId }) => producerId)).toEqual([bob.producerId]);
  await recording.stop();
  const made = await readBack(recording.manifest.id);
  expect(made.tracks.map(({ personId }) => personId)).toEqual(['bob']);
  expect(made.people.map(({ consent }) => consent)).toEqual(['refused', 'given']);
  expect((await readdir(join(folder, made.id))).toSorted()).toEqual(['2-camera-1.webm', 'manifest.json']);
});

it('leaves out who agrees no longer from then on, and keeps what was before where that is allowed', async () => {
  const { joinWithCamera, start, sinkOf, media } = await startRecording();
  const ada = await joinWithCamera('ada');
  const recording = await start();
  feed(sinkOf(ada.producerId));
  recording.consent('ada', false, true);
  expect(media.taps.size).toBe(0);
  recording.consent('ada', true);
  feed(sinkOf(ada.producerId));
  recording.consent('ada', false, true);
  await recording.stop();
  const made = await readBack(recording.manifest.id);
  expect(made.people).toMatchObject([{ consent: 'given', withdrawnAt: expect.any(Number) }]);
  expect([await framesIn(made.file(0)), await framesIn(made.file(1))]).toEqual([75, 75]);
});

it('writes no byte after the stop, whatever still comes', async () => {
  const { joinWithCamera, start, sinkOf, media } = await startRecording();
  const ada = await joinWithCamera('ada');
  const recording = await start();
  const sink = sinkOf(ada.producerId);
  feed(sink, packets.slice(0, 20));
  await recording.stop();
  const bytes = async () => {
    const path = join(folder, recording.manifest.id);
    const names = await readdir(path);
    return Promise.all(names.map(async (name) => [name, sha256(await readFile(join(path, name)))]));
  };
  const before = await bytes();
  expect(media.taps.size).toBe(0);
  // What was on its way in the tap's socket, somebody who joins, and somebody who agrees.
  for (const packet of packets.slice(20)) sink.rtp(packet);
  await joinWithCamera('bob');
  recording.consent('ada', false);
  await new Promise((resolve) => setTimeout(resolve, 1200));
  expect(await bytes()).toEqual(before);
  expect(media.taps.size).toBe(0);
});

it('has told of itself before it reads anything, and starts when all that is sent has come', async () => {
  const { joinWithCamera, sinkOf, media, recorder } = await startRecording();
  const [ada, bob] = [await joinWithCamera('ada'), await joinWithCamera('bob')];
  media.alive.add('ada');
  const tapsAtBegin: number[] = [];
  let arrived = 0;
  const recording = await recorder.start({
    ...{ roomId: 'lab', startedBy: { name: 'Ada' }, policy: 'tell', consentOf: () => 'given' },
    onBegin: () => tapsAtBegin.push(media.taps.size),
    onArrived: () => (arrived += 1),
    onEnd: () => {},
  });
  expect([tapsAtBegin, media.taps.size]).toEqual([[0], 2]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(arrived).toBe(0);
  const before = Date.now();
  // Bob's connection is gone: nobody knows when anything would come of it.
  feed(sinkOf(ada.producerId));
  await expect.poll(() => arrived).toBe(1);
  expect(recording.manifest.startedAt).toBeGreaterThanOrEqual(before);
  expect(recording.manifest.tracks.map(({ id }) => id)).toEqual([ada.producerId, bob.producerId]);
  await recording.stop();
});

it('may be stopped before it has begun to read', async () => {
  const { joinWithCamera, media, recorder, room } = await startRecording();
  await joinWithCamera('ada');
  const ended: Manifest[] = [];
  const recording = await recorder.start({
    ...{ roomId: 'lab', startedBy: { name: 'Ada' }, policy: 'tell', consentOf: () => 'given' },
    onBegin: (begun) => void begun.stop('complete', 'not-allowed'),
    onEnd: (manifest) => ended.push(manifest),
  });
  await recording.stop();
  expect(media.taps.size).toBe(0);
  expect(room.members().map(({ id }) => id)).toEqual(['ada']);
  expect(ended).toMatchObject([{ state: 'complete', reason: 'not-allowed', tracks: [] }]);
});

it('ends with words for what happened when its folder is gone', async () => {
  const { joinWithCamera, start, sinkOf, ended, room } = await startRecording();
  const ada = await joinWithCamera('ada');
  const recording = await start();
  feed(sinkOf(ada.producerId));
  await rm(folder, { recursive: true });
  await room.tracks.update('ada', { producerId: ada.producerId, muted: true });
  await expect.poll(() => ended.length, { timeout: 5000 }).toBe(1);
  expect(ended[0]).toMatchObject({ state: 'interrupted', reason: 'disk-failed' });
  expect(recording.manifest.state).toBe('interrupted');
  expect(room.members().map(({ id }) => id)).toEqual(['ada']);
});

it('begins another file when the stream does, and asks for a key frame after a loss', async () => {
  const { joinWithCamera, start, sinkOf, media } = await startRecording();
  const ada = await joinWithCamera('ada');
  const recording = await start();
  const sink = sinkOf(ada.producerId);
  feed(sink);
  // Another worker, and a picture of which the beginning is missing: nothing before the second key frame can be used.
  feed(sink, packets.slice(1));
  expect([...media.taps][0]?.keyFrameRequests).toBeGreaterThan(0);
  await recording.stop();
  const made = await readBack(recording.manifest.id);
  expect(made.tracks[0]?.parts.map(({ file }) => file)).toEqual(['1-camera-1.webm', '1-camera-2.webm']);
  expect([await framesIn(made.file(0)), await framesIn(made.file(1))]).toEqual([75, 50]);
});

it('takes the time of a track from the sender reports', async () => {
  const { joinWithCamera, start, sinkOf } = await startRecording();
  const ada = await joinWithCamera('ada');
  const recording = await start();
  const sink = sinkOf(ada.producerId);
  begin(sink);
  const rtpTimestamp = packets[0]?.readUInt32BE(4) ?? 0;
  sink.rtp(packets[0] as Buffer);
  const capturedAt = Date.now() - 400;
  sink.senderReport({
    ssrc: ssrc(),
    rtpTimestamp: (rtpTimestamp + 90_000) >>> 0,
    capturedAt: capturedAt + 1000,
    steadyAt: 0,
  });
  for (const packet of packets.slice(1)) sink.rtp(packet);
  await recording.stop();
  const made = await readBack(recording.manifest.id);
  expect(made.tracks[0]?.parts).toHaveLength(1);
  expect(made.tracks[0]?.parts[0]?.startedAt).toBeCloseTo(capturedAt, 3);
});

it('ends with the room, and says so', async () => {
  const { room, joinWithCamera, start, ended } = await startRecording();
  await joinWithCamera('ada');
  const recording = await start();
  await expect(start()).rejects.toMatchObject({ code: 'wrong-state' });
  room.close();
  await recording.stop();
  expect(ended.map(({ state }) => state)).toEqual(['complete']);
});

it('stops when the disk takes no more; what was recorded can be played', async () => {
  const { joinWithCamera, start, sinkOf, ended } = await startRecording();
  const ada = await joinWithCamera('ada');
  await run('mount', ['-t', 'tmpfs', '-o', 'size=120k', 'amphi-test', folder]);
  try {
    const recording = await start();
    const sink = sinkOf(ada.producerId);
    begin(sink);
    for (const packet of packets) {
      sink.rtp(packet);
      await new Promise(setImmediate);
    }
    await expect.poll(() => ended.length).toBe(1);
    expect(ended[0]).toMatchObject({ state: 'interrupted', reason: 'disk-full' });
    expect(await readBack(recording.manifest.id)).toMatchObject({ state: 'interrupted', reason: 'disk-full' });
    expect(await framesIn(join(folder, recording.manifest.id, '1-camera-1.webm'))).toBeGreaterThan(0);
  } finally {
    await run('umount', ['-l', folder]);
  }
});

it('after a kill, closes what was under way with what is on the disk', async () => {
  const { joinWithCamera, start, sinkOf, recorder, logger } = await startRecording();
  const ada = await joinWithCamera('ada');
  const recording = await start();
  feed(sinkOf(ada.producerId));
  await recording.stop();
  // As a kill leaves it: the manifest of some seconds ago, and a file that ends within a cluster.
  const { id } = recording.manifest;
  const manifest = { ...recording.manifest, state: 'recording', endedAt: null };
  await writeFile(join(folder, id, 'manifest.json'), JSON.stringify(manifest));
  const file = join(folder, id, '1-camera-1.webm');
  await truncate(file, Math.round((recording.manifest.tracks[0]?.parts[0]?.bytes ?? 0) * 0.8));

  const next = createRecorder({ folder, room: () => undefined, logger, minFreeBytes: 0 });
  expect(await next.recover()).toBe(1);
  expect(await next.recover()).toBe(0);
  const [found] = await next.list('lab');
  expect(found).toMatchObject({ id, state: 'interrupted', reason: 'server-stopped' });
  const frames = await framesIn(file);
  expect(frames).toBeGreaterThan(25);
  expect(frames).toBeLessThan(75);
  expect(await next.remove(id)).toBe(true);
  expect(await next.list()).toEqual([]);
  expect(await recorder.remove('../etc')).toBe(false);
});
