import { expect, test } from 'vitest';
import { withVisit } from './recent.ts';

test('the latest room comes first, once, and old ones fall out', () => {
  let rooms = withVisit([], 'a', 1);
  rooms = withVisit(rooms, 'b', 2);
  rooms = withVisit(rooms, 'a', 3);
  expect(rooms).toEqual([
    { id: 'a', at: 3 },
    { id: 'b', at: 2 },
  ]);
  for (let i = 0; i < 10; i++) rooms = withVisit(rooms, `r${i}`, 10 + i);
  expect(rooms.map((room) => room.id)).toEqual(['r9', 'r8', 'r7', 'r6', 'r5', 'r4']);
});
