import { expect, test } from 'vitest';
import { parseRoute, roomPath } from './router.ts';

test('paths name pages', () => {
  expect(parseRoute('/')).toEqual({ page: 'landing' });
  expect(parseRoute('/admin')).toEqual({ page: 'admin' });
  expect(parseRoute('/diag')).toEqual({ page: 'diag' });
  expect(parseRoute('/r/team-sync')).toEqual({ page: 'room', room: 'team-sync' });
  expect(parseRoute('/r/Team-Sync/')).toEqual({ page: 'room', room: 'team-sync' });
  expect(parseRoute('/r/')).toEqual({ page: 'unknown' });
  expect(parseRoute('/r/Team-Sync/recordings')).toEqual({ page: 'recordings', room: 'team-sync' });
  expect(parseRoute('/r/recordings')).toEqual({ page: 'room', room: 'recordings' });
  expect(parseRoute('/s/0a1b')).toEqual({ page: 'share', id: '0a1b' });
  expect(parseRoute('/w/a/recordings')).toEqual({ page: 'unknown' });
  expect(parseRoute('/r/a/b')).toEqual({ page: 'unknown' });
  expect(parseRoute('/r/%E0%A4%A')).toEqual({ page: 'unknown' });
  expect(parseRoute('/elsewhere')).toEqual({ page: 'unknown' });
});

test('a room path leads back to its room', () => {
  expect(parseRoute(roomPath('a b/ü'))).toEqual({ page: 'room', room: 'a b/ü' });
});
