import { expect, test } from 'vitest';
import { chapterTitle, clock, filmLabel, size, trackLabel } from './words.ts';

test('lengths and sizes are said as people do', () => {
  expect([0, 7000, 61_999, 3_723_000, -5].map(clock)).toEqual(['0:00', '0:07', '1:01', '1:02:03', '0:00']);
  expect([0, 1_234_567, 123_456_789].map(size)).toEqual(['0 MB', '1.2 MB', '123 MB']);
});

test('labels of the server are said in the language of the page, and left where they are unknown', () => {
  expect(trackLabel('Ada · Bob · screen-audio')).toBe('Ada · Bob · sound of the screen');
  expect(trackLabel('Ada · hologram')).toBe('Ada · hologram');
  expect(filmLabel('grid 720p')).toBe('Everybody side by side, 720p');
  expect(filmLabel('audio')).toBe('Sound only');
  expect(filmLabel('mosaic 720p')).toBe('mosaic 720p');
  expect(chapterTitle({ atMs: 1, kind: 'join', name: 'Ada' })).toBe('Ada joins');
});
