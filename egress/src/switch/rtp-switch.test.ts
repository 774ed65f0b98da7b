import type { MediaTap, SenderReport, TapSink } from '@amphi/rooms';
import { expect, test } from 'vitest';
import { parseRtp } from '../rtp/packet.ts';
import { startsKeyFrame } from './key-frame-start.ts';
import { RtpSwitch } from './rtp-switch.ts';

/** A packet as a tap hands it over, with a header extension that must not go on. */
function packet(sequence: number, timestamp: number, payload: readonly number[], marker = true): Buffer {
  const header = Buffer.from([0x90, (marker ? 0x80 : 0) | 101, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]);
  header.writeUInt16BE(sequence & 0xffff, 2);
  header.writeUInt32BE(timestamp >>> 0, 4);
  return Buffer.concat([header, Buffer.from([0xbe, 0xde, 0, 1, 0x10, 0xff, 0, 0]), Buffer.from(payload)]);
}

/** VP8: a picture id of 15 bits and a TL0PICIDX. */
const vp8 = (pictureId: number, tl0: number, key: boolean) => [
  ...[0x90, 0xc0, 0x80 | ((pictureId >> 8) & 0x7f), pictureId & 0xff, tl0],
  ...[key ? 0x10 : 0x11, 0, 0, 0x9d],
];

function start(mimeType = 'video/vp8') {
  const taps = new Map<string, { sink: TapSink; closed: boolean; keyFrames: number }>();
  const sent: Buffer[] = [];
  const reports: SenderReport[] = [];
  let now = 1000;
  const tap = (producerId: string, sink: TapSink): MediaTap => {
    const entry = { sink, closed: false, keyFrames: 0 };
    taps.set(producerId, entry);
    return { requestKeyFrame: () => void entry.keyFrames++, close: () => void (entry.closed = true) };
  };
  const of = (producerId: string) => {
    const entry = taps.get(producerId);
    if (!entry) throw new Error(`nobody reads ${producerId}`);
    return entry;
  };
  const target = new RtpSwitch({
    ...{ mimeType, clockRate: 90_000, ssrc: 42, payloadType: 96, tap },
    ...{
      send: (out: Buffer) => void sent.push(Buffer.from(out)),
      report: (report: SenderReport) => void reports.push(report),
    },
    now: () => now,
  });
  return { target, of, reports, pass: (ms: number) => void (now += ms), out: () => sent.map((each) => parseRtp(each)) };
}

const begin = { kind: 'video' as const, rtpParameters: { codecs: [] }, paused: false };

test('one picture follows the other at its key frame, as one stream', () => {
  const { target, of, out, pass } = start();
  target.select('a');
  const a = of('a').sink;
  a.started(begin);
  expect(of('a').keyFrames).toBe(1);
  a.rtp(packet(500, 1000, vp8(7, 3, false)));
  expect(out()).toEqual([]);
  a.rtp(packet(501, 4000, vp8(8, 4, true)));
  pass(33);
  a.rtp(packet(502, 7000, vp8(9, 5, false)));

  target.select('b');
  expect(target.selected).toBe('b');
  const b = of('b').sink;
  b.started(begin);
  b.rtp(packet(65_535, 900_000, vp8(300, 90, false)));
  // Until b can be shown, a goes on.
  a.rtp(packet(503, 10_000, vp8(10, 6, false)));
  expect(of('a').closed).toBe(false);
  pass(100);
  b.rtp(packet(65_535, 903_000, vp8(301, 91, true)));
  expect(of('a').closed).toBe(true);
  a.rtp(packet(504, 13_000, vp8(11, 7, false)));
  b.rtp(packet(0, 906_000, vp8(302, 92, false)));

  const packets = out();
  expect(packets).toHaveLength(5);
  const [first] = packets;
  expect(packets.map((each) => each?.ssrc)).toEqual([42, 42, 42, 42, 42]);
  expect(packets.map((each) => each?.payloadType)).toEqual([96, 96, 96, 96, 96]);
  expect(packets.map((each) => ((each?.sequence ?? 0) - (first?.sequence ?? 0)) & 0xffff)).toEqual([0, 1, 2, 3, 4]);
  // b begins 100 ms after the last packet of a.
  expect(packets.map((each) => ((each?.timestamp ?? 0) - (first?.timestamp ?? 0)) >>> 0)).toEqual([
    0, 3000, 6000, 15_000, 18_000,
  ]);
  const ids = packets.map((each) => (each?.payload.readUInt16BE(2) ?? 0) & 0x7fff);
  expect(ids.map((id) => id - (ids[0] ?? 0))).toEqual([0, 1, 2, 3, 4]);
  const tl0 = packets.map((each) => each?.payload[4] ?? 0);
  expect(tl0.map((index) => index - (tl0[0] ?? 0))).toEqual([0, 1, 2, 3, 4]);
});

test('what comes late keeps its place, and what came before the beginning is left out', () => {
  const { target, of, out } = start();
  target.select('a');
  of('a').sink.started(begin);
  for (const sequence of [10, 12, 11, 9]) of('a').sink.rtp(packet(sequence, sequence * 3000, vp8(sequence, 0, true)));
  const sequences = out().map((each) => each?.sequence ?? 0);
  expect(sequences.map((each) => (each - (sequences[0] ?? 0)) & 0xffff)).toEqual([0, 2, 1]);
});

test('a track that begins anew goes on in the same stream, from a key frame', () => {
  const { target, of, out } = start();
  target.select('a');
  const { sink } = of('a');
  sink.started(begin);
  sink.rtp(packet(10, 0, vp8(1, 1, true)));
  sink.stopped();
  sink.started(begin);
  sink.rtp(packet(9000, 77, vp8(900, 9, false)));
  sink.rtp(packet(9001, 78, vp8(901, 9, true)));
  const [first, second] = out();
  expect(out()).toHaveLength(2);
  expect(((second?.sequence ?? 0) - (first?.sequence ?? 0)) & 0xffff).toBe(1);
});

test('going back before the other is there keeps what is sent, and undefined ends it', () => {
  const { target, of, out } = start();
  target.select('a');
  of('a').sink.started(begin);
  of('a').sink.rtp(packet(1, 0, vp8(1, 1, true)));
  target.select('b');
  target.select('a');
  expect([of('a').closed, of('b').closed]).toEqual([false, true]);
  target.requestKeyFrame();
  expect(of('a').keyFrames).toBe(2);
  target.select(undefined);
  expect(of('a').closed).toBe(true);
  of('a').sink.rtp(packet(2, 3000, vp8(2, 2, false)));
  expect(out()).toHaveLength(1);
});

test('says when something was captured, by the timestamps that come out', () => {
  const { target, of, out, reports } = start();
  target.select('a');
  const { sink } = of('a');
  sink.senderReport({ ssrc: 7, rtpTimestamp: 1, capturedAt: 1, steadyAt: 1 });
  sink.started(begin);
  sink.rtp(packet(1, 90_000, vp8(1, 1, true)));
  sink.senderReport({ ssrc: 7, rtpTimestamp: 180_000, capturedAt: 5000, steadyAt: 5000 });
  expect(reports).toEqual([{ ssrc: 42, rtpTimestamp: ((out()[0]?.timestamp ?? 0) + 90_000) >>> 0, capturedAt: 5000 }]);
});

test('knows the first packet of a key frame', () => {
  const cases: [string, number[], boolean][] = [
    ['video/vp8', vp8(1, 1, true), true],
    ['video/vp8', vp8(1, 1, false), false],
    ['video/vp8', [0x00, 0x10, 0, 0], false],
    ['video/vp9', [0x88, 1, 0], true],
    ['video/vp9', [0xc8, 1, 0], false],
    ['video/h264', [0x67, 0x42, 0xe0], true],
    ['video/h264', [0x78, 0, 2, 0x67, 0x42], true],
    ['video/h264', [0x7c, 0x85, 0], true],
    ['video/h264', [0x7c, 0x05, 0], false],
    ['video/h264', [0x41, 0x9a], false],
    ['video/av1', [0x18, 0x0a], true],
    ['video/av1', [0x10, 0x32], false],
    ['audio/opus', [0xf8, 0xff], true],
  ];
  for (const [mimeType, bytes, expected] of cases) {
    expect(startsKeyFrame(mimeType, Buffer.from(bytes)), `${mimeType} ${bytes.join(' ')}`).toBe(expected);
  }
});
