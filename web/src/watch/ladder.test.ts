import type { Call } from '@amphi/client';
import type { Live, LiveSnapshot } from '@amphi/features/live/client.ts';
import { signal } from '@preact/signals';
import { beforeEach, expect, test, vi } from 'vitest';
import { AmphiError } from '@amphi/client';
import { watchFor } from '../prefs.ts';
import { createLadder, tierFor } from './ladder.ts';
import type { Tier, TierName } from './tier.ts';

const PATH = '/live/lab/index.m3u8';

test.each([
  ['webrtc', { prefers: 'delay', hasStream: true, hindrance: null }],
  ['hls', { prefers: 'quality', hasStream: true, hindrance: null }],
  ['hls', { prefers: 'delay', hasStream: true, hindrance: 'blocked' }],
  ['hls', { prefers: 'delay', hasStream: true, hindrance: 'full' }],
  ['webrtc', { prefers: 'quality', hasStream: false, hindrance: 'full' }],
] as const)('%s for %o', (name, standing) => {
  expect(tierFor(standing)).toBe(name);
});

function fakeTier(name: TierName) {
  const tier = {
    name,
    failed: signal(false),
    setMuted: vi.fn<(muted: boolean) => void>(),
    close: vi.fn<() => void>(),
  };
  return tier as typeof tier & Tier;
}

function climb({ hasMedia = true, stream = true, full = false } = {}) {
  const receive = vi.fn<(on: boolean) => Promise<void>>(async (on) => {
    if (on && full) throw new AmphiError('room-full', 'no place');
    call.hasMedia = on;
  });
  const call = { hasMedia, receive };
  const hls = (path: string | null) => (path === null ? null : { path, kind: 'live' as const });
  const state = signal({ event: { layout: 'grid' }, hls: hls(stream ? PATH : null) } as LiveSnapshot);
  const made: ReturnType<typeof fakeTier>[] = [];
  const make = (name: TierName) => {
    const tier = fakeTier(name);
    made.push(tier);
    return tier;
  };
  const ladder = createLadder(
    { call: call as unknown as Call, live: {} as Live, state },
    { webrtc: () => make('webrtc'), hls: () => make('hls') },
  );
  const setPath = (path: string | null) => (state.value = { ...state.value, hls: hls(path) });
  return { ladder, receive, made, setPath };
}

/** For the tests of a browser that has WebRTC; what runs the tests has none. */
beforeEach(() => {
  vi.stubGlobal('RTCPeerConnection', function RTCPeerConnection() {});
  return () => vi.unstubAllGlobals();
});

const is = (ladder: ReturnType<typeof climb>['ladder'], name: TierName) =>
  vi.waitFor(() => expect(ladder.tier.value?.name).toBe(name));

test('there is a picture of what is on beside the stream, and none without one', () => {
  expect(climb().ladder.thumbnail.value).toBe('/live/lab/thumb.jpg');
  expect(climb({ stream: false }).ladder.thumbnail.value).toBeNull();
});

beforeEach(() => {
  watchFor.value = 'delay';
});

test('begins in real time, and goes to the stream when nothing gets through, with the sound that was on', async () => {
  const { ladder, receive, made } = climb();
  await is(ladder, 'webrtc');
  ladder.setMuted(false);
  (made[0] as ReturnType<typeof fakeTier>).failed.value = true;
  await is(ladder, 'hls');
  expect(ladder.hindrance.value).toBe('blocked');
  expect(made[0]?.close).toHaveBeenCalled();
  expect(made[1]?.setMuted).toHaveBeenCalledWith(false);
  await vi.waitFor(() => expect(receive.mock.calls).toEqual([[false]]));
  ladder.close();
});

test('without a place begins with the stream, and is told so where the viewer asks for real time in vain', async () => {
  const { ladder, receive } = climb({ hasMedia: false, full: true });
  await is(ladder, 'hls');
  expect(receive).not.toHaveBeenCalled();
  ladder.prefer('delay');
  await vi.waitFor(() => expect(receive).toHaveBeenCalledWith(true));
  await vi.waitFor(() => expect(ladder.hindrance.value).toBe('full'));
  await is(ladder, 'hls');
  ladder.close();
});

test('the viewer chooses, and goes back', async () => {
  const { ladder, receive } = climb();
  await is(ladder, 'webrtc');
  ladder.prefer('quality');
  await is(ladder, 'hls');
  await vi.waitFor(() => expect(receive).toHaveBeenLastCalledWith(false));
  ladder.prefer('delay');
  await is(ladder, 'webrtc');
  expect(receive).toHaveBeenLastCalledWith(true);
  ladder.close();
});

test('a stream that comes is taken by who waits for it; one that moved is followed', async () => {
  const { ladder, made, setPath } = climb({ hasMedia: false, stream: false });
  await is(ladder, 'webrtc');
  setPath(PATH);
  await is(ladder, 'hls');
  setPath('/live/lab/other/index.m3u8');
  await vi.waitFor(() => expect(made).toHaveLength(3));
  await vi.waitFor(() => expect(ladder.tier.value).toBe(made[2]));
  ladder.close();
});

test('a browser without WebRTC gets the stream, and is never asked for more', async () => {
  vi.stubGlobal('RTCPeerConnection', undefined);
  const { ladder, receive, setPath } = climb({ hasMedia: false, stream: false });
  await is(ladder, 'webrtc');
  expect(ladder.hindrance.value).toBe('unsupported');
  setPath(PATH);
  await is(ladder, 'hls');
  ladder.prefer('delay');
  expect(ladder.hindrance.value).toBe('unsupported');
  expect(ladder.tier.value?.name).toBe('hls');
  expect(receive).not.toHaveBeenCalled();
});
