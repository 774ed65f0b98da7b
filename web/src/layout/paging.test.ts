import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FLEXIBLE, WIDE } from './grid.ts';
import { gridPageSize, pageOf, promoteSpeakers, warmSpeakers } from './paging.ts';

test('a desktop shows nine, a phone four to six, a sliver one', () => {
  expect(gridPageSize({ width: 1264, height: 640 }, 8, WIDE, false)).toBe(9);
  const phone = gridPageSize({ width: 344, height: 600 }, 8, FLEXIBLE, true);
  expect(phone).toBeGreaterThanOrEqual(4);
  expect(phone).toBeLessThanOrEqual(6);
  expect(gridPageSize({ width: 120, height: 90 }, 8, WIDE, true)).toBe(1);
});

test('pages cut the list, and a page that is gone becomes the last', () => {
  const items = [1, 2, 3, 4, 5];
  expect(pageOf(items, 0, 2)).toEqual({ items: [1, 2], page: 0, pages: 3 });
  expect(pageOf(items, 9, 2)).toEqual({ items: [5], page: 2, pages: 3 });
  expect(pageOf([], 3, 4)).toEqual({ items: [], page: 0, pages: 1 });
});

test('a speaker from a later page takes the place of the quietest and nobody else moves', () => {
  const order = promoteSpeakers(['me', 'a', 'b', 'c', 'd'], ['d', 'a'], 3, new Set(['me']));
  expect(order).toEqual(['me', 'a', 'd', 'c', 'b']);
});

test('a speaker who is on the page already changes nothing', () => {
  const ids = ['me', 'a', 'b', 'c'];
  expect(promoteSpeakers(ids, ['b', 'a'], 3, new Set(['me']))).toEqual(ids);
});

test('promotion only ever reorders, never moves the fixed, and brings the latest speaker to the first page', () => {
  const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(ids, fc.integer({ min: 2, max: 9 }), fc.nat(), (list, size, seed) => {
      const recent = list.filter((_, index) => (index * 7 + seed) % 3 === 0);
      const fixed = new Set(list.slice(0, 1));
      const order = promoteSpeakers(list, recent, size, fixed);
      expect(order.toSorted()).toEqual(list.toSorted());
      expect(order[0]).toBe(list[0]);
      const latest = recent[0];
      if (latest !== undefined) expect(order.indexOf(latest)).toBeLessThan(size);
    }),
  );
});

test('the last speakers beyond the page stay warm', () => {
  expect(warmSpeakers(['a', 'b', 'c', 'd'], new Set(['b']), 2)).toEqual(['a', 'c']);
});
