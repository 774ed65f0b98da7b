import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Request } from '../signaling/signaling.ts';
import { IceRestarter } from './ice-restarter.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(connectionState = 'connected') {
  const iceParameters = { usernameFragment: 'u', password: 'p' };
  const transport = { id: 't', closed: false, connectionState, restartIce: vi.fn(() => Promise.resolve()) };
  const request = vi.fn(() => Promise.resolve({ iceParameters }));
  const prepared = vi.fn(() => Promise.resolve());
  const restarter = new IceRestarter(transport, request as unknown as Request, prepared);
  return { transport, request, restarter, iceParameters, prepared };
}

it('restarts at once with the server’s new credentials', async () => {
  const { transport, request, restarter, iceParameters } = setUp();
  restarter.restart();
  await vi.advanceTimersByTimeAsync(0);
  expect(request).toHaveBeenCalledWith('transport.restartIce', { transportId: 't' });
  expect(transport.restartIce).toHaveBeenCalledWith({ iceParameters });
});

it('waits for what has to be there first', async () => {
  const { request, restarter, prepared } = setUp();
  const first = Promise.withResolvers<void>();
  prepared.mockReturnValueOnce(first.promise);
  restarter.restart();
  await vi.advanceTimersByTimeAsync(0);
  expect(request).not.toHaveBeenCalled();
  first.resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(request).toHaveBeenCalledOnce();
  restarter.close();
});

it('restarts on disconnected and on failed, and not before anything was connected', async () => {
  const fresh = setUp('new');
  fresh.restarter.restart();
  expect(fresh.request).not.toHaveBeenCalled();
  for (const state of ['disconnected', 'failed']) {
    const { request, restarter } = setUp(state);
    restarter.onState(state);
    await vi.advanceTimersByTimeAsync(0);
    expect(request).toHaveBeenCalledOnce();
    restarter.close();
  }
});

it('waits between restarts, and goes on until it is connected', async () => {
  const { transport, request, restarter } = setUp('disconnected');
  restarter.restart();
  await vi.advanceTimersByTimeAsync(0);
  restarter.restart();
  restarter.restart();
  expect(request).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1500);
  expect(request).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(4000);
  expect(request).toHaveBeenCalledTimes(3);
  transport.connectionState = 'connected';
  restarter.onState('connected');
  await vi.advanceTimersByTimeAsync(20_000);
  expect(request).toHaveBeenCalledTimes(3);
});

it('tries again after a refusal, and never after close()', async () => {
  const { request, restarter, transport } = setUp('failed');
  request.mockRejectedValueOnce(new Error('no'));
  restarter.restart();
  await vi.advanceTimersByTimeAsync(4000);
  expect(request).toHaveBeenCalledTimes(2);
  expect(transport.restartIce).toHaveBeenCalledTimes(1);
  restarter.close();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(request).toHaveBeenCalledTimes(2);
});
