import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createHlsPlayer, type HlsPlayerOptions } from './hls-player.ts';

const PATH = '/live/lab/index.m3u8';
/** Longer than the player waits for a picture that stands. */
const LONG_MS = 13_000;

/** Of a browser that plays HLS by itself; `loads` counts how often it began. */
class FakeVideo extends EventTarget {
  loads = 0;
  currentTime = 0;
  duration = 0;
  paused = false;
  ended = false;
  seekable = { length: 0 };
  set src(_path: string) {
    this.loads += 1;
  }
  canPlayType(): string {
    return 'maybe';
  }
  play(): Promise<void> {
    return Promise.resolve();
  }
  load(): void {}
  remove(): void {}
  removeAttribute(): void {}
}

let video: FakeVideo;
beforeEach(() => {
  vi.useFakeTimers();
  video = new FakeVideo();
  vi.stubGlobal('window', {});
  vi.stubGlobal('document', { createElement: () => video });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** A player whose picture has come and moved once. */
async function playing(options: Partial<HlsPlayerOptions>) {
  const player = createHlsPlayer({ path: PATH, serverNow: Date.now, ...options });
  await vi.advanceTimersByTimeAsync(600);
  video.currentTime = 4;
  video.dispatchEvent(new Event('playing'));
  await vi.advanceTimersByTimeAsync(600);
  expect(video.loads).toBe(1);
  return player;
}

test('a live picture that stands begins anew, also where the browser takes the stream for ended', async () => {
  const player = await playing({ comes: () => true });
  video.ended = true;
  await vi.advanceTimersByTimeAsync(4000);
  expect(player.interrupted.value).toBe(true);
  await vi.advanceTimersByTimeAsync(LONG_MS);
  expect(video.loads).toBe(2);
  player.close();
});

test('while the publisher is away nothing begins anew, which would show its last seconds again', async () => {
  let comes = false;
  const player = await playing({ comes: () => comes });
  await vi.advanceTimersByTimeAsync(2 * LONG_MS);
  expect(player.interrupted.value).toBe(false);
  expect(video.loads).toBe(1);
  comes = true;
  await vi.advanceTimersByTimeAsync(LONG_MS);
  expect(video.loads).toBe(2);
  player.close();
});

test('what is whole may end', async () => {
  const player = await playing({});
  video.ended = true;
  await vi.advanceTimersByTimeAsync(2 * LONG_MS);
  expect(player.interrupted.value).toBe(false);
  expect(video.loads).toBe(1);
  player.close();
});
