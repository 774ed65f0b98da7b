import { expect, test } from 'vitest';
import { linePath } from './sparkline.tsx';

test('the latest value is at the right, the largest at the top', () => {
  expect(linePath([0, 50, 100], 3)).toBe('M0.0 31.0L60.0 16.0L120.0 1.0');
  expect(linePath([5, 10], 3)).toBe('M60.0 16.0L120.0 1.0');
});

test('nothing at all is a line at the bottom', () => {
  expect(linePath([0, 0], 2)).toBe('M0.0 31.0L120.0 31.0');
});
