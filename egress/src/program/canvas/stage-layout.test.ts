import { expect, test } from 'vitest';
import { type OnStage, placeOnStage, type ProgramLayout } from './stage-layout.ts';

const CANVAS = { width: 1280, height: 720 };
const [ada, bob, eve] = ['ada', 'bob', 'eve'].map((id): OnStage => ({ id, memberId: id, kind: 'camera' })) as [
  OnStage,
  OnStage,
  OnStage,
];
const screen: OnStage = { id: 'screen', memberId: 'bob', kind: 'screen' };
const ALL: ProgramLayout[] = ['solo', 'speaker', 'grid', 'beside'];

/** Who is seen, from the largest to the smallest. */
function sizes(layout: ProgramLayout, stage: OnStage[], speakerId?: string): string[] {
  const placed = [...placeOnStage(layout, stage, speakerId, CANVAS)];
  return placed.toSorted(([, a], [, b]) => b.width - a.width).map(([id]) => id);
}

test.each(ALL)('%s: one picture has the whole canvas, nobody none of it', (layout) => {
  expect([...placeOnStage(layout, [ada], undefined, CANVAS)]).toEqual([['ada', { x: 0, y: 0, ...CANVAS }]]);
  expect(placeOnStage(layout, [], undefined, CANVAS).size).toBe(0);
});

test('solo shows whoever is first, speaker the one who speaks large, beside the shared screen', () => {
  expect(sizes('solo', [ada, bob, screen], 'bob')).toEqual(['ada']);
  expect(sizes('speaker', [ada, bob, eve], 'eve')[0]).toBe('eve');
  expect(sizes('speaker', [ada, bob, eve])[0]).toBe('ada');
  expect(sizes('beside', [ada, screen, bob], 'ada')[0]).toBe('screen');
  expect(sizes('beside', [ada, bob, eve], 'bob')[0]).toBe('bob');
  expect(sizes('beside', [ada, bob, eve], 'bob')).toHaveLength(3);
});

test.each(ALL)('%s: tiles lie on the canvas and not on each other, on even pixels', (layout) => {
  for (let count = 1; count <= 9; count++) {
    const people = Array.from({ length: count }, (_, index): OnStage => {
      return { id: `${index}`, memberId: `${index}`, kind: index === 2 ? 'screen' : 'camera' };
    });
    const rects = [...placeOnStage(layout, people, '1', CANVAS).values()];
    for (const [index, a] of rects.entries()) {
      expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= CANVAS.width && a.y + a.height <= CANVAS.height).toBe(true);
      expect([a.x, a.y, a.width, a.height].every((value) => value % 2 === 0)).toBe(true);
      for (const b of rects.slice(index + 1)) {
        const isApart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect(isApart).toBe(true);
      }
    }
  }
});
