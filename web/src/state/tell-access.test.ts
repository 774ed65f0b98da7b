import { expect, test } from 'vitest';
import { newlyWaiting, rightsNews } from './tell-access.ts';

test('a new role is told, and single rights only where the role is the same', () => {
  const speaker = { role: 'speaker', permissions: ['chat', 'publish.audio', 'publish.video'] } as const;
  const news = rightsNews(
    { ...speaker, permissions: [...speaker.permissions] },
    { role: 'speaker', permissions: ['chat', 'publish.video', 'publish.screen'] },
  );
  expect(news).toEqual({ role: null, gained: ['publish.screen'], lost: ['publish.audio'] });
  expect(
    rightsNews({ role: 'attendee', permissions: ['chat'] }, { role: 'cohost', permissions: ['chat', 'admit'] }),
  ).toEqual({ role: 'cohost', gained: [], lost: [] });
});

test('who waited before is no news', () => {
  const [ann, ben] = [
    { id: 'a', name: 'Ann', since: 1 },
    { id: 'b', name: 'Ben', since: 2 },
  ];
  expect(newlyWaiting([ann], [ann, ben])).toEqual([ben]);
  expect(newlyWaiting([ann, ben], [ben])).toEqual([]);
});
