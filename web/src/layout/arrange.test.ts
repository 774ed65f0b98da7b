import { expect, test } from 'vitest';
import { arrange } from './arrange.ts';

const desktop = { width: 1264, height: 640 };
const phone = { width: 374, height: 640 };
const keys = Array.from({ length: 12 }, (_, index) => `t${index}`);

test('a grid is paged', () => {
  const first = arrange({ keys, stage: [], box: desktop, phone: false, page: 0 });
  expect(first.tiles).toHaveLength(9);
  expect(first.pages).toBe(2);
  const second = arrange({ keys, stage: [], box: desktop, phone: false, page: 1 });
  expect(second.tiles.map((tile) => tile.key)).toEqual(['t9', 't10', 't11']);
});

test('the stage gets most of the space, the strip the rest, none overlap', () => {
  for (const [box, isPhone] of [
    [desktop, false],
    [phone, true],
  ] as const) {
    const { tiles, pages } = arrange({ keys, stage: ['t3', 't4'], box, phone: isPhone, page: 0 });
    const stage = tiles.filter((tile) => tile.role === 'stage');
    const strip = tiles.filter((tile) => tile.role === 'strip');
    expect(stage.map((tile) => tile.key)).toEqual(['t3', 't4']);
    expect(pages).toBeGreaterThan(1);
    const smallest = Math.min(...stage.map(({ rect }) => rect.width * rect.height));
    for (const { rect } of strip) expect(rect.width * rect.height).toBeLessThan(smallest);
    for (const { rect } of tiles) {
      expect(rect.x + rect.width).toBeLessThanOrEqual(box.width + 0.01);
      expect(rect.y + rect.height).toBeLessThanOrEqual(box.height + 0.01);
    }
  }
});

test('a stage key that is gone leaves the grid', () => {
  const { tiles } = arrange({ keys: ['a'], stage: ['gone'], box: desktop, phone: false, page: 0 });
  expect(tiles).toMatchObject([{ key: 'a', role: 'grid' }]);
});

test('a lone large tile has no strip', () => {
  const { tiles, pages } = arrange({ keys: ['a'], stage: ['a'], box: desktop, phone: false, page: 4 });
  expect(tiles).toMatchObject([{ key: 'a', role: 'stage' }]);
  expect(pages).toBe(1);
});
