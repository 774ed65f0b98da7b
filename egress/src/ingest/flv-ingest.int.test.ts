import type { SenderReport } from '@amphi/rooms';
import { systemClock } from '@amphi/rooms';
import { quietLogger } from '@amphi/rooms/testing';
import { OpusDecoder } from 'opus-decoder';
import { afterEach, expect, test, vi } from 'vitest';
import type { FlvFileTag } from '../containers/flv.ts';
import { TranscodeBudget } from '../program/budget.ts';
import { flvTagsOf } from '../testing/flv-tags.ts';
import type { Frame } from '../rtp/frame.ts';
import { createH264Depacketizer } from '../rtp/h264.ts';
import { type RtpPacket, parseRtp } from '../rtp/packet.ts';
import { FlvIngest, type IngestedTrack } from './flv-ingest.ts';
import type { IngestRefused } from './refused.ts';

const TONE = 'aevalsrc=if(gte(t\\,1)\\,sin(2*PI*1000*t)/2\\,0):s=44100';

/** What ffmpeg sends of a test picture, and of a tone that begins with the picture of the first second. */
async function tagsOf(video: readonly string[], audio: readonly string[]): Promise<FlvFileTag[]> {
  const input = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25', '-f', 'lavfi', '-i', TONE];
  return flvTagsOf([...input, '-t', '2', ...video, ...audio]);
}

const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-g', '25', '-pix_fmt', 'yuv420p'];
const AAC = ['-c:a', 'aac', '-ac', '2'];
const open: FlvIngest[] = [];
afterEach(() => open.splice(0).forEach((ingest) => ingest.close()));

function start() {
  const packets: Record<'audio' | 'video', RtpPacket[]> = { audio: [], video: [] };
  const reports: SenderReport[] = [];
  const told: (readonly IngestedTrack[])[] = [];
  const refused: IngestRefused[] = [];
  const ingest = new FlvIngest({
    ffmpeg: () => 'ffmpeg',
    budget: new TranscodeBudget(0),
    onTracks: (tracks) => told.push(tracks),
    onRefused: (error) => refused.push(error),
    clock: systemClock,
    logger: quietLogger(),
  });
  open.push(ingest);
  const inlet = {
    id: 'inlet',
    send(producerId: string, packet: Buffer) {
      const parsed = parseRtp(packet);
      if (parsed) packets[producerId as 'audio' | 'video'].push(parsed);
    },
    report: (report: SenderReport) => void reports.push(report),
    setAlive() {},
  };
  const target = { inlet, producerId: (kind: 'audio' | 'video') => kind };
  return { ingest, packets, reports, told, refused, target };
}

test('the picture is passed on as it is, and sound and picture stay together', async () => {
  const { ingest, packets, reports, told, refused, target } = start();
  const tags = await tagsOf(H264, AAC);
  for (const { kind, ms, body } of tags) ingest.media(kind, ms, body);
  expect(told).toHaveLength(1);
  expect(told[0]?.map(({ kind }) => kind).toSorted()).toEqual(['audio', 'video']);
  // What came before anybody was there to take it is not lost: the first key frame is in it.
  ingest.send(target);
  await vi.waitFor(() => expect(packets.audio.length).toBeGreaterThan(90), 10_000);
  expect(refused).toEqual([]);

  const depacketizer = createH264Depacketizer();
  const frames: Frame[] = packets.video.flatMap((packet) => depacketizer.push(packet, 0));
  expect(frames.length).toBeGreaterThanOrEqual(49);
  expect(frames[0]).toMatchObject({ keyFrame: true, size: { width: 320, height: 180 } });
  expect(frames.filter(({ keyFrame }) => keyFrame)).toHaveLength(2);
  expect(Math.max(...packets.video.map(({ payload }) => payload.length))).toBeLessThanOrEqual(1180);
  const sent = tags.filter(({ kind, body }) => kind === 'video' && body[1] === 1).map(({ ms }) => ms * 90);
  expect(frames.map(({ timestamp }) => timestamp)).toEqual(sent.slice(0, frames.length));

  // Both kinds are reported to be of the same moment, within what a resampler may be off.
  const [video, audio] = [2001, 1001].map((ssrc) => reports.find((report) => report.ssrc === ssrc));
  const apart = (video?.rtpTimestamp ?? 0) / 90 - (audio?.rtpTimestamp ?? 0) / 48;
  expect(Math.abs(apart)).toBeLessThan(10);

  // The beep began with the picture of the first second.
  const decoder = new OpusDecoder();
  await decoder.ready;
  let beepAt: number | undefined;
  for (const { payload, timestamp } of packets.audio) {
    const { channelData } = decoder.decodeFrame(payload);
    const loud = (channelData[0] ?? new Float32Array()).findIndex((sample) => Math.abs(sample) > 0.03);
    if (loud >= 0) beepAt ??= timestamp / 48 + loud / 48;
  }
  decoder.free();
  const late = (beepAt ?? Infinity) - ((sent[0] ?? 0) / 90 + 1000);
  console.log(`the sound is ${late.toFixed(1)} ms behind its picture`);
  expect(Math.abs(late)).toBeLessThan(15);
  const steps = packets.audio.slice(1).map(({ timestamp }, index) => {
    return (timestamp - (packets.audio[index]?.timestamp ?? 0)) >>> 0;
  });
  expect(new Set(steps)).toEqual(new Set([960]));
});

test('a kind that does not come is waited for no longer than a moment', async () => {
  const { ingest, packets, told, target } = start();
  const tags = (await tagsOf(H264, AAC)).filter(({ kind }) => kind === 'audio');
  for (const { ms, body } of tags.slice(0, 40)) ingest.media('audio', ms, body);
  await vi.waitFor(() => expect(told.map((tracks) => tracks.map(({ kind }) => kind))).toEqual([['audio']]), 20_000);
  ingest.send(target);
  await vi.waitFor(() => expect(packets.audio.length).toBeGreaterThan(20), 10_000);
});

test('what cannot be taken is refused in a sentence, and damage ends it', async () => {
  const hevc = start();
  hevc.ingest.media('video', 0, Buffer.concat([Buffer.of(0x90), Buffer.from('hvc1'), Buffer.alloc(20)]));
  expect(hevc.refused.map(({ message }) => message)).toEqual([
    'The picture is HEVC, and only H.264 is taken: choose an H.264 encoder.',
  ]);
  const mp3 = start();
  mp3.ingest.media('audio', 0, Buffer.from([0x2f, 1, 2, 3]));
  expect(mp3.refused[0]?.message).toMatch(/MP3/);
  const damaged = start();
  damaged.ingest.media('video', 0, Buffer.from([0x17, 0, 0, 0, 0, 1, 66, 0xc0, 31, 0xff, 0xe1, 0xff, 0xff, 1]));
  expect(damaged.refused[0]?.message).toMatch(/^The stream is damaged/);
  damaged.ingest.media('video', 0, Buffer.from([0x17, 1, 0, 0, 0, 9, 9, 9, 9, 9]));
  expect(damaged.refused).toHaveLength(1);
});
