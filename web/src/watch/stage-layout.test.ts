import { expect, test } from 'vitest';
import { type Candidate, stageRects } from './stage-layout.ts';

const BOX = { width: 1280, height: 720 };
const person = (isSpeaking = false): Candidate => ({ isScreen: false, isSpeaking });
const screen: Candidate = { isScreen: true, isSpeaking: false };
const area = (rect: { width: number; height: number } | undefined) => (rect ? rect.width * rect.height : 0);

test('solo shows the first alone, however many there are', () => {
  expect(stageRects('solo', [person(), person(true)], BOX)).toEqual([{ x: 0, y: 0, ...BOX }, undefined]);
});

test('one alone fills the stage in every layout', () => {
  for (const layout of ['solo', 'speaker', 'beside', 'grid'] as const) {
    expect(stageRects(layout, [person()], BOX)).toEqual([{ x: 0, y: 0, ...BOX }]);
  }
});

test('a grid makes all alike', () => {
  const rects = stageRects('grid', [screen, person(), person(true), person()], BOX);
  expect(new Set(rects.map(area)).size).toBe(1);
});

test.each(['speaker', 'beside'] as const)('in "%s" who speaks is large, and a screen is larger still', (layout) => {
  const [first, second, third] = stageRects(layout, [person(), person(true), person()], BOX);
  expect(area(second)).toBeGreaterThan(4 * area(first));
  expect(area(first)).toBe(area(third));
  const [shared, speaker] = stageRects(layout, [screen, person(true)], BOX);
  expect(area(shared)).toBeGreaterThan(4 * area(speaker));
});

test.each([
  ['speaker', BOX],
  ['beside', BOX],
  ['beside', { width: 400, height: 800 }],
  ['grid', { width: 400, height: 800 }],
] as const)('in "%s" nothing overlaps or leaves the stage (%o)', (layout, box) => {
  const rects = stageRects(layout, [screen, person(), person(true), person()], box).flatMap((rect) => rect ?? []);
  expect(rects).toHaveLength(4);
  for (const [index, a] of rects.entries()) {
    expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= box.width + 1 && a.y + a.height <= box.height + 1).toBe(true);
    for (const b of rects.slice(index + 1)) {
      const apart =
        a.x + a.width <= b.x + 1 || b.x + b.width <= a.x + 1 || a.y + a.height <= b.y + 1 || b.y + b.height <= a.y + 1;
      expect(apart).toBe(true);
    }
  }
});
