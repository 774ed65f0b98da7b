import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SilenceWatch } from './silence-watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched(recvBitrate = 0): {
  watch: SilenceWatch;
  changes: boolean[];
  receive: () => void;
  asked: () => number;
} {
  let bytes = 0;
  let asked = 0;
  const transport = {
    getStats: () => {
      asked += 1;
      return Promise.resolve([{ bytesReceived: bytes, recvBitrate }]);
    },
  };
  const changes: boolean[] = [];
  const watch = new SilenceWatch([transport], () => changes.push(watch.silent));
  return { watch, changes, receive: () => void (bytes += 100), asked: () => asked };
}

it('says within 8 seconds that a flow has stopped, and when it is back', async () => {
  const { watch, changes, receive } = watched(64_000);
  watch.start();
  await vi.advanceTimersByTimeAsync(7000);
  expect(changes).toEqual([]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(changes).toEqual([true]);
  receive();
  await vi.advanceTimersByTimeAsync(1000);
  expect(changes).toEqual([true, false]);
  await vi.advanceTimersByTimeAsync(8000);
  expect(changes).toEqual([true, false, true]);
  watch.stop();
});

it('makes nothing of silence where nothing was flowing', async () => {
  const { watch, changes } = watched();
  watch.start();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(changes).toEqual([]);
});

it('begins anew when they are heard otherwise', async () => {
  const { watch, changes } = watched(64_000);
  watch.start();
  await vi.advanceTimersByTimeAsync(8000);
  expect(watch.silent).toBe(true);
  watch.heard();
  expect(watch.silent).toBe(false);
  await vi.advanceTimersByTimeAsync(7000);
  expect(changes).toEqual([true]);
  watch.stop();
});

it('stops asking after a while', async () => {
  const { watch, receive, asked } = watched();
  watch.start();
  for (let n = 0; n < 30; n++) {
    receive();
    await vi.advanceTimersByTimeAsync(1000);
  }
  const before = asked();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked()).toBe(before);
});
