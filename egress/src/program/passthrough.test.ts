import { expect, test } from 'vitest';
import { Passthrough } from './passthrough.ts';
import type { LayerState, SourceFrame } from './picture-source.ts';

const SIZES = [
  { width: 320, height: 180 },
  { width: 640, height: 360 },
];

/** A source of two layers, and what is made of it: `1:640@3` is the first rendition, 640 wide, at the time 3. */
function startPassing() {
  const told: string[] = [];
  const layers = new Map<number, LayerState>();
  const state = { now: 0, requests: 0, time: 0 };
  const source = {
    layerCount: 2,
    movingLayers: () => [...layers].map(([layer, known]) => ({ layer, state: known })),
    requestKeyFrame: () => void state.requests++,
    keepKeyFrames() {},
  };
  const passing = new Passthrough(
    source,
    {
      renditions: (videos) => told.push(`format ${videos.map(({ width }) => width).join()}`),
      video: (rendition, { timeUs, keyFrame }) => told.push(`${rendition}:${timeUs}${keyFrame ? ' key' : ''}`),
    },
    () => state.now,
  );
  function take(layer: number, keyFrame: boolean, version = 1): void {
    const size = SIZES[layer] ?? { width: 0, height: 0 };
    const known: LayerState = { codec: 'h264', ...size, frameAt: state.now, keyFrameAt: state.now };
    layers.set(layer, known);
    const frame: SourceFrame = {
      ...{ timeUs: ++state.time, wall: 0, keyFrame, data: Buffer.alloc(1), codec: 'h264', layer },
      ...(keyFrame ? { size, config: Buffer.from([version]) } : {}),
    };
    passing.take(frame);
  }
  return { passing, take, told, state, layers, drain: () => told.splice(0) };
}

test('begins when all layers have a key frame, with what has come since, the largest first', () => {
  const { take, drain } = startPassing();
  take(0, false);
  take(0, true);
  take(0, false);
  expect(drain()).toEqual([]);
  take(1, true);
  expect(drain()).toEqual(['format 640,320', '0:4 key', '1:2 key', '1:3']);
  take(0, false);
  take(1, false);
  expect(drain()).toEqual(['1:5', '0:6']);
});

test('does not wait for ever for a layer, and takes it in when it has been coming for a while', () => {
  const { passing, take, drain, state } = startPassing();
  take(0, true);
  state.now = 1600;
  passing.tick();
  expect(drain()).toEqual(['format 320', '0:1 key']);
  take(1, true);
  expect(drain()).toEqual([]);
  state.now = 6000;
  const { requests } = state;
  passing.tick();
  expect(state.requests).toBe(requests + 1);
  take(0, false);
  take(1, true);
  take(0, true);
  expect(drain()).toEqual(['0:3', 'format 640,320', '0:4 key', '1:5 key']);
});

test('leaves out a layer that comes no more', () => {
  const { passing, take, drain, layers } = startPassing();
  take(0, true);
  take(1, true);
  drain();
  layers.delete(1);
  passing.tick();
  take(0, false);
  take(0, true);
  expect(drain()).toEqual(['1:3', 'format 320', '0:4 key']);
});

test('another size or profile is another format, in which every layer begins anew', () => {
  const { take, drain } = startPassing();
  take(0, true);
  take(1, true);
  drain();
  take(1, true);
  expect(drain()).toEqual(['0:3 key']);
  take(0, true, 2);
  take(1, false);
  take(0, false, 2);
  expect(drain()).toEqual(['0:5']);
  take(1, true, 2);
  expect(drain()).toEqual(['format 640,320', '0:7 key', '1:4 key', '1:6']);
});
