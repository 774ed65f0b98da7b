import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mp4Fragment, mp4Init } from './containers/mp4.ts';
import type { TrackFormat } from './containers/track.ts';
import { fitsWebm, webmCluster, webmCues, webmEnd, webmHeader } from './containers/webm.ts';
import { createDepacketizer } from './rtp/depacketizer.ts';
import type { CodecName, Frame } from './rtp/frame.ts';
import { parseRtp } from './rtp/packet.ts';
import { ReorderBuffer } from './rtp/reorder.ts';
import { Unwrapper } from './rtp/unwrap.ts';
import { sendRtp } from './testing/send-rtp.ts';

// ffmpeg's RTP muxer sends, our code puts the packets into files, ffmpeg decodes them: every picture must be the same as
// when ffmpeg decodes what it sent from a file of its own.

const run = promisify(execFile);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amphi-egress-'));
});
afterAll(() => rm(folder, { recursive: true }));

const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=2'];
const SOUND = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=2'];
type Case = { codec: CodecName; clockRate: number; input: string[]; encoder: string[]; format: Partial<TrackFormat> };
const video = (codec: 'vp8' | 'vp9' | 'h264', ...encoder: string[]): Case => ({
  codec,
  clockRate: 90_000,
  input: PICTURE,
  encoder: ['-c:v', ...encoder, '-g', '20', '-b:v', '600k', '-pix_fmt', 'yuv420p'],
  format: { kind: 'video', codec },
});
const CASES: Case[] = [
  video('vp8', 'libvpx', '-deadline', 'realtime'),
  video('vp9', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'),
  video('h264', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency'),
  {
    codec: 'opus',
    clockRate: 48_000,
    input: SOUND,
    encoder: ['-c:a', 'libopus', '-ac', '2'],
    format: { kind: 'audio', codec: 'opus', channels: 2, sampleRate: 48_000 },
  },
];

function framesOf(codec: CodecName, packets: readonly Buffer[]): Frame[] {
  const [order, depacketizer, timestamps] = [new ReorderBuffer(), createDepacketizer(codec), new Unwrapper(32)];
  return packets.flatMap((bytes) => {
    const packet = parseRtp(bytes);
    if (!packet) return [];
    return order
      .push(packet, 0)
      .flatMap(({ packet: { timestamp, marker, payload }, missing }) =>
        depacketizer.push({ timestamp: timestamps.unwrap(timestamp), marker, payload }, missing),
      );
  });
}

function formatOf({ format }: Case, [first]: Frame[]): TrackFormat {
  return { ...format, ...first?.size, config: first?.config } as TrackFormat;
}

/** The frames in fragments of at most so many. */
function asMp4(format: TrackFormat, clockRate: number, frames: readonly Frame[]): Buffer {
  const parts = [mp4Init([{ id: 1, timescale: clockRate, format }])];
  const [first] = frames;
  for (let at = 0; at < frames.length; at += 7) {
    const group = frames.slice(at, at + 7);
    const samples = group.map(({ data, keyFrame, timestamp }, index) => {
      const next =
        frames[at + index + 1]?.timestamp ?? timestamp + (frames[1]?.timestamp ?? 0) - (first?.timestamp ?? 0);
      return { data, keyFrame, duration: next - timestamp };
    });
    const decodeTime = (group[0]?.timestamp ?? 0) - (first?.timestamp ?? 0);
    parts.push(mp4Fragment(parts.length, [{ trackId: 1, decodeTime, samples }]));
  }
  return Buffer.concat(parts);
}

function asWebm(format: TrackFormat, clockRate: number, frames: readonly Frame[], isComplete: boolean): Buffer {
  const header = webmHeader([format]);
  const parts = [header.bytes];
  const start = frames[0]?.timestamp ?? 0;
  const time = ({ timestamp }: Frame) => ((timestamp - start) * 1000) / clockRate;
  const cues = [{ time: 0, track: 1, position: header.bytes.length - header.segmentStart }];
  for (let at = 0; at < frames.length; at += 7) {
    const blocks = frames
      .slice(at, at + 7)
      .map((frame) => ({ track: 1, time: time(frame), keyFrame: frame.keyFrame, data: frame.data }));
    parts.push(webmCluster(blocks));
  }
  if (isComplete) parts.push(webmCues(cues));
  const file = Buffer.concat(parts);
  const last = frames.at(-1);
  const ends = isComplete && last ? webmEnd(header, file.length, time(last)) : [];
  for (const { at, bytes } of ends) bytes.copy(file, at);
  return file;
}

/** A hash of each decoded picture, or of all the sound. */
async function decoded(file: string, kind: 'video' | 'audio'): Promise<string[]> {
  const output = kind === 'video' ? ['-fps_mode', 'passthrough', '-f', 'framemd5'] : ['-f', 'md5'];
  const { stdout, stderr } = await run('ffmpeg', ['-v', 'error', '-i', file, ...output, '-']);
  expect(stderr).toBe('');
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1)?.trim() ?? '');
}

it.each(CASES)(
  'takes $codec out of RTP and into files that decode to what was sent',
  { timeout: 120_000 },
  async (test) => {
    const { codec, clockRate } = test;
    const kind = test.format.kind as 'video' | 'audio';
    const original = join(folder, `${codec}.${codec === 'h264' ? 'ts' : 'webm'}`);
    const packets = await sendRtp(test, original);
    const frames = framesOf(codec, packets);
    expect(frames.length).toBe(kind === 'video' ? 50 : 101);
    if (kind === 'video') {
      expect(frames.filter(({ keyFrame }) => keyFrame)).toHaveLength(3);
      expect(frames[0]?.size).toEqual({ width: 320, height: 180 });
    }
    const format = formatOf(test, frames);
    const expected = await decoded(original, kind);
    const files: [string, Buffer][] = [['mp4', asMp4(format, clockRate, frames)]];
    if (fitsWebm(format)) {
      files.push(
        ['webm', asWebm(format, clockRate, frames, true)],
        ['cut.webm', asWebm(format, clockRate, frames, false)],
      );
    }
    for (const [extension, bytes] of files) {
      const path = join(folder, `${codec}-made.${extension}`);
      await writeFile(path, bytes);
      const got = await decoded(path, kind);
      if (kind === 'video') expect(got, extension).toEqual(expected);
      const { stdout } = await run('ffprobe', [
        '-v',
        'error',
        '-show_entries',
        'stream=codec_name',
        '-of',
        'csv=p=0',
        path,
      ]);
      expect(stdout.trim()).toBe(codec);
    }
    // Only a complete file says how long it is.
    const probe = await run('ffprobe', [
      '-v',
      'error',
      '-show_entries',
      'format=duration',
      '-of',
      'csv=p=0',
      join(folder, `${codec}-made.mp4`),
    ]);
    expect(Math.abs(Number(probe.stdout) - 2)).toBeLessThan(0.1);
  },
);
