import type { RemoteTrack, View } from '@amphi/client';
import { expect, test, vi } from 'vitest';
import { combineViews, createViewBook } from './view-book.ts';

test('the largest visible view counts', () => {
  expect(
    combineViews([
      { visible: true, width: 320, height: 180 },
      { visible: false, width: 1920, height: 1080, pinned: true },
      { visible: true, width: 160, height: 240, pinned: true },
    ]),
  ).toEqual({ visible: true, width: 320, height: 240, pinned: true });
  expect(combineViews([])).toEqual({ visible: false, width: 0, height: 0 });
  expect(combineViews([{ visible: true, width: 0, height: 90 }]).visible).toBe(false);
});

test('a track is told the sum, and that nobody looks once the last is gone', () => {
  const setView = vi.fn<(view: View) => void>();
  const track = { setView } as unknown as RemoteTrack;
  const book = createViewBook();
  book.claim(track, 'tile', { visible: true, width: 640, height: 360 });
  book.claim(track, 'pip', { visible: true, width: 320, height: 180 });
  expect(setView).toHaveBeenLastCalledWith({ visible: true, width: 640, height: 360 });
  book.claim(track, 'tile', null);
  expect(setView).toHaveBeenLastCalledWith({ visible: true, width: 320, height: 180 });
  book.claim(track, 'pip', null);
  expect(setView).toHaveBeenLastCalledWith({ visible: false, width: 0, height: 0 });
});
