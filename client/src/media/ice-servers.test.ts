import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Request } from '../signaling/signaling.ts';
import { IceServers } from './ice-servers.ts';

const MINUTE = 60_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function server(credential: string) {
  return [{ urls: ['turn:192.0.2.1'], username: 'u', credential }];
}

function setUp() {
  let count = 0;
  const request = vi.fn(() => Promise.resolve({ iceServers: server(`renewed ${++count}`), expiresInMs: 10 * MINUTE }));
  const iceServers = new IceServers(request as unknown as Request);
  const changed = vi.fn();
  iceServers.events.on('changed', changed);
  return { iceServers, request, changed };
}

it('renews them well before they expire, and again', async () => {
  const { iceServers, request, changed } = setUp();
  iceServers.take({ iceServers: server('first'), expiresInMs: 10 * MINUTE });
  await vi.advanceTimersByTimeAsync(5 * MINUTE);
  expect(request).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2 * MINUTE);
  expect(request).toHaveBeenCalledExactlyOnceWith('relay.renew', {});
  expect(changed).toHaveBeenLastCalledWith(server('renewed 1'));
  expect(iceServers.current).toEqual(server('renewed 1'));
  await vi.advanceTimersByTimeAsync(7 * MINUTE);
  expect(request).toHaveBeenCalledTimes(2);
});

it('leaves alone what does not expire', async () => {
  const { iceServers, request } = setUp();
  iceServers.take({ iceServers: server('for ever'), expiresInMs: null });
  await vi.advanceTimersByTimeAsync(1000 * MINUTE);
  await iceServers.fresh();
  expect(request).not.toHaveBeenCalled();
});

it('tries again when that fails', async () => {
  const { iceServers, request } = setUp();
  request.mockRejectedValueOnce(new Error('busy'));
  iceServers.take({ iceServers: server('first'), expiresInMs: 10 * MINUTE });
  await vi.advanceTimersByTimeAsync(6 * MINUTE);
  expect(iceServers.current).toEqual(server('first'));
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(iceServers.current).toEqual(server('renewed 1'));
});

it('waits for new ones where the old ones expired while the machine slept, and asks once', async () => {
  const { iceServers, request } = setUp();
  iceServers.take({ iceServers: server('first'), expiresInMs: 10 * MINUTE });
  await iceServers.fresh();
  expect(request).not.toHaveBeenCalled();
  vi.setSystemTime(Date.now() + 60 * MINUTE);
  await Promise.all([iceServers.fresh(), iceServers.fresh()]);
  expect(request).toHaveBeenCalledOnce();
  expect(iceServers.current).toEqual(server('renewed 1'));
});

it('keeps nothing beyond the session, not even what was asked for in it', async () => {
  const { iceServers, request } = setUp();
  iceServers.take({ iceServers: server('first'), expiresInMs: 1000 });
  const late = iceServers.fresh();
  iceServers.clear();
  await late;
  expect(iceServers.current).toEqual([]);
  await vi.advanceTimersByTimeAsync(100 * MINUTE);
  expect(request).toHaveBeenCalledOnce();
});
