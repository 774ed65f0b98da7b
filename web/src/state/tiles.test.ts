import { expect, test } from 'vitest';
import { pathOf, type Person, type TrackView } from './people.ts';
import { stageKeys, tilesOf } from './tiles.ts';

const track = (source: TrackView['source'], path: TrackView['path'] = 'sfu'): TrackView => ({
  id: source,
  source,
  muted: false,
  mediaTrack: null,
  path,
  width: undefined,
  height: undefined,
  remote: null,
});

const person = (id: string, tracks: Person['tracks'] = {}, self = false): Person => ({
  id,
  name: id,
  self,
  role: 'speaker',
  exceptions: { grant: [], deny: [] },
  presence: 'here',
  quality: undefined,
  path: 'sfu',
  tracks,
});

const me = person('me', { camera: track('camera'), screen: track('screen') }, true);
const anna = person('anna', { camera: track('camera') });
const ben = person('ben', { screen: track('screen') });

test('everybody has a tile, with or without a camera, and screens come first', () => {
  const tiles = tilesOf([me, anna, ben]);
  expect(tiles.map((tile) => tile.key)).toEqual(['me/screen', 'ben/screen', 'me', 'anna', 'ben']);
  expect(tiles.at(-1)?.video).toBeUndefined();
});

test('what is pinned is large, then screens of others, then the speaker', () => {
  const tiles = tilesOf([me, anna, ben]);
  expect(stageKeys({ tiles, mode: 'grid', pinned: 'anna', dominantId: null })).toEqual(['anna']);
  expect(stageKeys({ tiles, mode: 'grid', pinned: 'gone', dominantId: null })).toEqual(['ben/screen']);
  const faces = tilesOf([person('me', {}, true), anna, person('cleo')]);
  expect(stageKeys({ tiles: faces, mode: 'grid', pinned: null, dominantId: 'cleo' })).toEqual([]);
  expect(stageKeys({ tiles: faces, mode: 'speaker', pinned: null, dominantId: 'cleo' })).toEqual(['cleo']);
  expect(stageKeys({ tiles: faces, mode: 'speaker', pinned: null, dominantId: 'me' })).toEqual(['anna']);
  expect(stageKeys({ tiles: tilesOf([me]), mode: 'speaker', pinned: null, dominantId: null })).toEqual([]);
});

test('a person is direct only when all that flows is', () => {
  expect(pathOf([track('camera', 'direct'), track('microphone', 'sfu')], 'direct')).toBe('sfu');
  expect(pathOf([track('camera', 'direct'), { muted: true, path: 'sfu' }], 'sfu')).toBe('direct');
  expect(pathOf([], 'direct')).toBe('direct');
});
