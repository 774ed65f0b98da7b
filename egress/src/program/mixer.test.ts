import { expect, test } from 'vitest';
import { Mixer } from './mixer.ts';

const tone = (samples: number, level: number) => new Float32Array(samples).fill(level);
const samplesOf = (bytes: Buffer) =>
  Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16LE(index * 2));

test('adds what is at the same time, left and right apart, and is silent elsewhere', () => {
  const mixer = new Mixer(1000);
  mixer.add(1002, tone(3, 0.25), tone(3, 0));
  mixer.add(1003, tone(2, 0.25), tone(2, 0.5));
  const half = Math.round(0.5 * 32_767);
  const quarter = Math.round(0.25 * 32_767);
  expect(samplesOf(mixer.take(6))).toEqual([0, 0, 0, 0, quarter, 0, half, half, half, half, 0, 0]);
  expect(mixer.position).toBe(1006);
  // What was taken out is not there a second time, once round the ring.
  expect(new Set(samplesOf(mixer.take(200_000)))).toEqual(new Set([0]));
});

test('leaves out what is too late, and takes the rest of it', () => {
  const mixer = new Mixer(0);
  mixer.take(100);
  mixer.add(98, Float32Array.of(0.1, 0.2, 0.3, 0.4), new Float32Array(4));
  const left = samplesOf(mixer.take(3)).filter((_, index) => index % 2 === 0);
  expect(left).toEqual([Math.round(0.3 * 32_767), Math.round(0.4 * 32_767), 0]);
});

test('bends what is too loud instead of cutting it', () => {
  const mixer = new Mixer(0);
  for (let voice = 0; voice < 3; voice++) mixer.add(0, Float32Array.of(0.2, 0.5, -0.5), new Float32Array(3));
  const [soft, , loud, , opposite] = samplesOf(mixer.take(3));
  expect(soft).toBe(Math.round(0.6 * 32_767));
  expect(loud).toBeGreaterThan(0.95 * 32_767);
  expect(loud).toBeLessThanOrEqual(32_767);
  expect(opposite).toBe(-(loud ?? 0));
});
