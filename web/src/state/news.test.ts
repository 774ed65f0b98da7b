import { expect, test } from 'vitest';
import { newsBetween } from './news.ts';
import type { Person } from './people.ts';

const person = (id: string, more: Partial<Person> = {}): Person => ({
  id,
  name: id.toUpperCase(),
  self: false,
  role: 'speaker',
  exceptions: { grant: [], deny: [] },
  presence: 'here',
  quality: undefined,
  path: 'sfu',
  tracks: {},
  ...more,
});
const screen = {
  id: 's',
  source: 'screen',
  muted: false,
  mediaTrack: null,
  path: 'sfu',
  width: undefined,
  height: undefined,
  remote: null,
} as const;

test('coming, going, dropping and returning are told', () => {
  expect(newsBetween([], [person('a')])).toEqual([{ kind: 'joined', name: 'A' }]);
  expect(newsBetween([person('a')], [])).toEqual([{ kind: 'left', name: 'A' }]);
  const away = person('a', { presence: 'reconnecting' });
  expect(newsBetween([person('a')], [away])).toEqual([{ kind: 'reconnecting', name: 'A' }]);
  expect(newsBetween([away], [person('a')])).toEqual([{ kind: 'back', name: 'A' }]);
});

test('a share is told once, oneself never', () => {
  const sharing = person('a', { tracks: { screen } });
  expect(newsBetween([person('a')], [sharing])).toEqual([{ kind: 'share', name: 'A' }]);
  expect(newsBetween([sharing], [sharing])).toEqual([]);
  expect(newsBetween([], [person('me', { self: true, tracks: { screen } })])).toEqual([]);
});
