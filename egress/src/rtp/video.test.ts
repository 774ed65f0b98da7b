import { expect, test } from 'vitest';
import type { Depacketizer } from './frame.ts';
import { createAv1Depacketizer } from './av1.ts';
import { createH264Depacketizer } from './h264.ts';
import { opusDuration } from './opus.ts';
import { createVp8Depacketizer } from './vp8.ts';
import { createVp9Depacketizer } from './vp9.ts';

const bytes = (...values: number[]) => Buffer.from(values);

/** Pushes payloads of one timestamp, the last with the marker. */
function frame(to: Depacketizer, timestamp: number, payloads: Buffer[], missing = 0) {
  return payloads.flatMap((payload, index) =>
    to.push({ timestamp, marker: index === payloads.length - 1, payload }, index === 0 ? missing : 0),
  );
}

test('VP8: descriptors are taken off, a key frame says its size', () => {
  const vp8 = createVp8Depacketizer();
  const start = bytes(0x90, 0x80, 0x81, 0x23, 0x00, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x41);
  const [made] = frame(vp8, 1, [start, bytes(0x80, 0x80, 0x81, 0x23, 7, 8)]);
  expect(made).toEqual({
    timestamp: 1,
    keyFrame: true,
    data: bytes(0x00, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x41, 7, 8),
    size: { width: 640, height: 360 },
  });
});

const VP8_KEY = bytes(0x10, 0x00, 0, 0, 0x9d, 0x01, 0x2a, 64, 0, 64, 0);
const VP8_OTHER = bytes(0x10, 0x01, 0, 0);

test('after a loss nothing comes out before the next key frame', () => {
  const vp8 = createVp8Depacketizer();
  expect(frame(vp8, 1, [VP8_OTHER])).toHaveLength(0);
  expect(vp8.needsKeyFrame).toBe(true);
  expect(frame(vp8, 2, [VP8_KEY])).toHaveLength(1);
  expect(frame(vp8, 3, [VP8_OTHER])).toHaveLength(1);
  expect(frame(vp8, 4, [VP8_OTHER], 1)).toHaveLength(0);
  expect(vp8.needsKeyFrame).toBe(true);
  expect(frame(vp8, 5, [VP8_KEY], 2)).toHaveLength(1);
  expect(vp8.needsKeyFrame).toBe(false);
});

test('a frame whose marker was lost is not mixed with the next one', () => {
  const vp8 = createVp8Depacketizer();
  frame(vp8, 1, [VP8_KEY]);
  expect(vp8.push({ timestamp: 2, marker: false, payload: VP8_OTHER }, 0)).toEqual([]);
  expect(vp8.push({ timestamp: 3, marker: true, payload: VP8_KEY }, 1).map(({ timestamp }) => timestamp)).toEqual([3]);
  expect(vp8.push({ timestamp: 4, marker: false, payload: VP8_OTHER }, 0)).toEqual([]);
  // Nothing is missing: the frame before was whole, without a marker.
  expect(vp8.push({ timestamp: 5, marker: true, payload: VP8_OTHER }, 0).map(({ timestamp }) => timestamp)).toEqual([
    4, 5,
  ]);
});

test('a lost beginning of a frame makes it no frame', () => {
  const vp8 = createVp8Depacketizer();
  expect(frame(vp8, 1, [bytes(0x00, 1, 2, 3)], 1)).toEqual([]);
});

test('VP9: spatial layers of a picture become a superframe', () => {
  const vp9 = createVp9Depacketizer();
  // Frame marker, profile 0, key frame, shown; sync code; 8 bits, BT.601, 4:2:0; 320 x 180.
  const base = bytes(0x82, 0x49, 0x83, 0x42, 0x00, 0x13, 0xf0, 0x0b, 0x30);
  const structure = bytes(0x30, 0x01, 0x40, 0x00, 0xb4, 0x02, 0x80, 0x01, 0x68);
  const first = Buffer.concat([bytes(0x2a | 0x08 | 0x04, 0x00, 0x00), structure, base]);
  const upper = bytes(0x2c, 0x03, 0x00, 0x86, 1, 2);
  const [made] = frame(vp9, 1, [first, upper]);
  expect(made?.keyFrame).toBe(true);
  expect(made?.size).toEqual({ width: 640, height: 360 });
  const marker = 0xc0 | 1;
  expect(made?.data).toEqual(Buffer.concat([base, bytes(0x86, 1, 2), bytes(marker, base.length, 3, marker)]));
});

// Baseline, 320 x 180, as x264 writes it.
const SPS = Buffer.from('6742c00bd901419f9f0110000003001000000300a0f142a480', 'hex');
const PPS = Buffer.from('68cb83cb20', 'hex');

test('H.264: aggregated parameter sets and a fragmented picture', () => {
  const h264 = createH264Depacketizer();
  const stap = Buffer.concat([bytes(24, 0, SPS.length), SPS, bytes(0, PPS.length), PPS]);
  const [made] = frame(h264, 1, [stap, bytes(0x7c, 0x85, 1), bytes(0x7c, 0x05, 2), bytes(0x7c, 0x45, 3)]);
  expect(made?.keyFrame).toBe(true);
  expect(made?.data).toEqual(bytes(0, 0, 0, 4, 0x65, 1, 2, 3));
  expect(made?.size).toEqual({ width: 320, height: 180 });
  expect(made?.config?.subarray(0, 8)).toEqual(bytes(1, 0x42, 0xc0, 0x0b, 0xff, 0xe1, 0, SPS.length));
  expect(frame(h264, 2, [bytes(0x41, 9)])[0]?.data).toEqual(bytes(0, 0, 0, 2, 0x41, 9));
});

test('H.264: a missing fragment spoils its picture; parameter sets on their own do not count as one', () => {
  const h264 = createH264Depacketizer();
  expect(frame(h264, 1, [SPS, PPS])).toEqual([]);
  expect(frame(h264, 2, [bytes(0x7c, 0x05, 2), bytes(0x7c, 0x45, 3)])).toEqual([]);
  expect(frame(h264, 3, [bytes(0x65, 1)])).toHaveLength(1);
});

test('AV1: OBUs over several packets get their sizes, delimiters are left out', () => {
  const av1 = createAv1Depacketizer();
  // Aggregation header: W = 2, new sequence, goes on; a delimiter, then the beginning of a frame OBU.
  const first = bytes(0x40 | 0x20, 1, 0x10, 0x30, 1, 2);
  const second = bytes(0x80 | 0x10, 3);
  expect(frame(av1, 1, [first, second])).toEqual([]);
  expect(av1.needsKeyFrame).toBe(true);
});

test('Opus: durations by the table of contents', () => {
  expect(opusDuration(bytes(0xf8))).toBe(960);
  expect(opusDuration(bytes(0xf9, 0))).toBe(1920);
  expect(opusDuration(bytes(0xfb, 0x03))).toBe(2880);
  expect(opusDuration(bytes(0x08))).toBe(960);
  expect(opusDuration(bytes(0x60))).toBe(480);
});
