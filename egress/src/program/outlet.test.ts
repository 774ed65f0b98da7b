import { expect, test } from 'vitest';
import { CollectingSink } from '../testing/collect.ts';
import { PROGRAM_AUDIO } from './aac-encoder.ts';
import { Outlet } from './outlet.ts';
import type { ProgramFrame } from './program.ts';

const frame = (timeUs: number, keyFrame = false): ProgramFrame => ({
  ...{ timeUs, wall: 0, keyFrame, data: Buffer.alloc(1) },
});
const FORMAT = { videos: [{ width: 2, height: 2, config: Buffer.alloc(7) }], audio: PROGRAM_AUDIO };

test('whoever comes late is told the format, and begins with a key frame', () => {
  const outlet = new Outlet();
  outlet.video(0, frame(0, true));
  outlet.format(FORMAT);
  outlet.video(0, frame(1, true));
  const late = new CollectingSink();
  const detach = outlet.attach(late);
  expect(late.told).toEqual(['format']);
  outlet.video(0, frame(2));
  outlet.audio(frame(3, true));
  outlet.video(0, frame(4, true));
  outlet.video(0, frame(5));
  expect(late.last?.videos[0]?.map(({ timeUs }) => timeUs)).toEqual([4, 5]);
  expect(late.last?.audio.map(({ timeUs }) => timeUs)).toEqual([3]);
  outlet.idle();
  outlet.idle();
  detach();
  outlet.ended();
  expect(late.told).toEqual(['format', 'idle']);
});

test('another format begins with a key frame again; the end is told once, also to those who come after it', () => {
  const outlet = new Outlet();
  const sink = new CollectingSink();
  outlet.attach(sink);
  outlet.format(FORMAT);
  outlet.video(0, frame(1, true));
  outlet.format(FORMAT);
  outlet.video(0, frame(2));
  outlet.video(0, frame(3, true));
  outlet.ended();
  outlet.ended();
  expect(sink.stretches.map(({ videos }) => videos[0]?.map(({ timeUs }) => timeUs))).toEqual([[1], [3]]);
  expect(sink.told).toEqual(['format', 'format', 'ended']);
  const after = new CollectingSink();
  outlet.attach(after);
  expect(after.told).toEqual(['ended']);
});
