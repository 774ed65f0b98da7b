import { expect, test } from 'vitest';
import { FrameMeter } from './frame-figures.ts';

function start() {
  let now = 0;
  const meter = new FrameMeter(() => now);
  meter.started();
  /** Pictures at 25 a second, the first a key frame. */
  const play = (seconds: number, every: number, more: object = {}) => {
    for (let index = 0; index < seconds * 25; index++) {
      const keyFrame = index % (every * 25) === 0;
      meter.frame(
        { timestamp: now * 90, keyFrame, data: Buffer.alloc(1), ...(keyFrame ? more : {}) },
        { codec: 'h264' },
      );
      now += 40;
    }
  };
  return { meter, play, pass: (ms: number) => void (now += ms) };
}

const config = Buffer.from([1, 66, 0xc0, 31, 0xff]);

test('says what a key frame says, how many pictures there are, and how far key frames are apart', () => {
  const { meter, play } = start();
  expect(meter.read()).toMatchObject({ profile: null, frameRate: null, keyFrameInterval: null });
  play(9, 2, { size: { width: 1280, height: 720 }, config });
  const figures = meter.read();
  expect(figures).toMatchObject({ profile: 66, level: 31, width: 1280, height: 720, hasBFrames: false });
  expect(figures.keyFrameInterval).toBe(2000);
  expect(figures.frameRate).toBeCloseTo(25, 0);
});

test('a key frame that does not come is as long as it is waited for', () => {
  const { meter, play } = start();
  play(4, 60);
  expect(meter.read().keyFrameInterval).toBeNull();
  play(0, 60);
  const late = start();
  late.play(9, 60);
  expect(late.meter.read().keyFrameInterval).toBe(9000);
});

test('one key frame that somebody asked for does not hide the others', () => {
  const { meter, play, pass } = start();
  play(10, 60);
  play(10, 60);
  play(0.4, 60);
  play(1, 60);
  pass(0);
  expect(meter.read().keyFrameInterval).toBe(10_000);
});

test('time that goes back is a B-frame', () => {
  const { meter } = start();
  for (const timestamp of [0, 9000, 3000, 6000]) {
    meter.frame({ timestamp, keyFrame: timestamp === 0, data: Buffer.alloc(1) }, { codec: 'h264' });
  }
  expect(meter.read().hasBFrames).toBe(true);
  meter.started();
  expect(meter.read().hasBFrames).toBe(false);
});
