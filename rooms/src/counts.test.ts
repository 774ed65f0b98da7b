import { expect, test } from 'vitest';
import { Counts } from './counts.ts';

test('counts each key by itself, and never below none', () => {
  const counts = new Counts();
  counts.add('a');
  counts.add('a');
  counts.add('b');
  counts.remove('a');
  counts.remove('b');
  counts.remove('b');
  expect(['a', 'b', 'c'].map((key) => counts.of(key))).toEqual([1, 0, 0]);
  counts.add('b');
  expect(counts.of('b')).toBe(1);
});
