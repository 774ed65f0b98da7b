import { expect, test } from 'vitest';
import { TranscodeBudget } from './budget.ts';

test('gives cores until there are no more, and those that come back again', () => {
  const budget = new TranscodeBudget(1.2);
  const [first, second] = [budget.take(0.6), budget.take(0.6)];
  expect(second).toBeDefined();
  expect(budget.take(0.1)).toBeUndefined();
  first?.();
  first?.();
  expect(budget.free).toBeCloseTo(0.6);
  expect(budget.take(0.6)).toBeDefined();
  expect(budget.take(0.6)).toBeUndefined();
});
