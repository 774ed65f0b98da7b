import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { IncomingWatch } from './incoming-watch.ts';

const LIMIT = 1_000_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched() {
  const transport = { bitrate: 0, getStats: async () => [{ recvBitrate: transport.bitrate }] };
  const onFlood = vi.fn();
  const watch = new IncomingWatch(transport, LIMIT, onFlood);
  return { transport, watch, onFlood };
}

it('leaves those alone who keep to the limit, or pass it by little or for a moment', async () => {
  const { transport, watch, onFlood } = watched();
  watch.start();
  for (const bitrate of [LIMIT, 1.9 * LIMIT, 9 * LIMIT, LIMIT, 9 * LIMIT, 0]) {
    transport.bitrate = bitrate;
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(onFlood).not.toHaveBeenCalled();
});

it('tells once, within three seconds, of a flood', async () => {
  const { transport, watch, onFlood } = watched();
  watch.start();
  watch.start();
  await vi.advanceTimersByTimeAsync(10_500);
  transport.bitrate = 50 * LIMIT;
  await vi.advanceTimersByTimeAsync(3000);
  expect(onFlood).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(onFlood).toHaveBeenCalledOnce();
});

it('is quiet once it was stopped, or the transport is gone', async () => {
  const { transport, watch, onFlood } = watched();
  transport.bitrate = 50 * LIMIT;
  watch.start();
  watch.stop();
  await vi.advanceTimersByTimeAsync(5000);
  watch.start();
  transport.getStats = () => Promise.reject(new Error('closed'));
  await vi.advanceTimersByTimeAsync(5000);
  expect(onFlood).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
