import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FLEXIBLE, gridRects, WIDE } from './grid.ts';

test('one tile fills the box as far as 16:9 allows, centred', () => {
  expect(gridRects(1, { width: 1600, height: 1000 })).toEqual([{ x: 0, y: 50, width: 1600, height: 900 }]);
  expect(gridRects(1, { width: 1920, height: 900 })).toEqual([{ x: 160, y: 0, width: 1600, height: 900 }]);
});

test('two tiles stand side by side on a wide screen and one above the other on a phone', () => {
  const [a, b] = gridRects(2, { width: 1280, height: 700 });
  expect(a?.y).toBe(b?.y);
  const [c, d] = gridRects(2, { width: 360, height: 700 }, 8, FLEXIBLE);
  expect(c?.x).toBe(d?.x);
  expect((c?.height ?? 0) * 2 + 8).toBeCloseTo(700, 0);
});

test('a last row that is not full is centred', () => {
  const rects = gridRects(5, { width: 1280, height: 720 });
  const last = rects.slice(3);
  const middle = ((last[0]?.x ?? 0) + (last[1]?.x ?? 0) + (last[1]?.width ?? 0)) / 2;
  expect(middle).toBeCloseTo(640);
});

test('no tiles need no room', () => {
  expect(gridRects(0, { width: 100, height: 100 })).toEqual([]);
});

test('tiles stay in the box, keep their shape and never overlap', () => {
  const side = fc.integer({ min: 50, max: 4000 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      side,
      side,
      fc.constantFrom(WIDE, FLEXIBLE),
      (n, width, height, aspect) => {
        const rects = gridRects(n, { width, height }, 8, aspect);
        expect(rects).toHaveLength(n);
        for (const [i, rect] of rects.entries()) {
          expect(rect.x).toBeGreaterThanOrEqual(-0.01);
          expect(rect.y).toBeGreaterThanOrEqual(-0.01);
          expect(rect.x + rect.width).toBeLessThanOrEqual(width + 0.01);
          expect(rect.y + rect.height).toBeLessThanOrEqual(height + 0.01);
          if (rect.width === 0) continue;
          const shape = rect.width / rect.height;
          expect(shape).toBeGreaterThan(aspect.min - 0.01);
          expect(shape).toBeLessThan(aspect.max + 0.01);
          for (const other of rects.slice(i + 1)) {
            const apart =
              other.x >= rect.x + rect.width - 0.01 ||
              rect.x >= other.x + other.width - 0.01 ||
              other.y >= rect.y + rect.height - 0.01 ||
              rect.y >= other.y + other.height - 0.01;
            expect(apart).toBe(true);
          }
        }
      },
    ),
  );
});
