import { expect, it } from 'vitest';
import { loudnessOfAmplitude, loudnessOfDbov } from './loudness.ts';

it('goes from silence to loud speech', () => {
  expect(loudnessOfDbov(-127)).toBe(0);
  expect(loudnessOfDbov(-60)).toBe(0);
  expect(loudnessOfDbov(-37.5)).toBe(0.5);
  expect(loudnessOfDbov(0)).toBe(1);
});

it('takes amplitudes as the same levels', () => {
  expect(loudnessOfAmplitude(0)).toBe(0);
  expect(loudnessOfAmplitude(1)).toBe(1);
  expect(loudnessOfAmplitude(10 ** (-37.5 / 20))).toBeCloseTo(0.5);
});
