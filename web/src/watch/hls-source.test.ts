import { afterEach, expect, test, vi } from 'vitest';
import { openHls } from './hls-source.ts';

const PATH = '/live/lab/index.m3u8';
const openHlsJs = vi.hoisted(() => vi.fn<() => string>(() => 'hls.js'));
vi.mock('./hls-js.ts', () => ({ openHlsJs }));
afterEach(() => {
  vi.unstubAllGlobals();
  openHlsJs.mockClear();
});

/** A video element of a browser that plays HLS by itself, or does not. */
function fakeVideo(plays: '' | 'maybe') {
  const video = Object.assign(new EventTarget(), {
    src: '',
    canPlayType: () => plays,
    play: () => Promise.resolve(),
    load() {},
    removeAttribute: () => void (video.src = ''),
  });
  return video;
}

test('what the browser has of its own plays where there are no Media Source Extensions, again and again', async () => {
  vi.useFakeTimers();
  vi.stubGlobal('window', {});
  const video = fakeVideo('maybe');
  const source = await openHls(video as unknown as HTMLVideoElement, PATH);
  expect(openHlsJs).not.toHaveBeenCalled();
  expect(video.src).toBe(PATH);
  video.src = '';
  video.dispatchEvent(new Event('error'));
  expect(source.interrupted.value).toBe(true);
  await vi.advanceTimersByTimeAsync(5000);
  expect(video.src).toBe(PATH);
  video.dispatchEvent(new Event('playing'));
  expect(source.interrupted.value).toBe(false);
  source.close();
  expect(video.src).toBe('');
  vi.useRealTimers();
});

test.each([
  ['both', { MediaSource: 1 }, 'maybe'],
  ['both, as on iPhones from iOS 17 on', { ManagedMediaSource: 1 }, 'maybe'],
  ['Media Source Extensions only', { MediaSource: 1 }, ''],
] as const)('hls.js plays where there are %s', async (_what, window, plays) => {
  vi.stubGlobal('window', window);
  const video = fakeVideo(plays);
  expect(await openHls(video as unknown as HTMLVideoElement, PATH)).toBe('hls.js');
  expect(openHlsJs).toHaveBeenCalledWith(video, PATH);
  expect(video.src).toBe('');
});
