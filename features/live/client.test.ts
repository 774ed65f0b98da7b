import type { Call } from '@amphi/client';
import { expect, test } from 'vitest';
import { createLive, LAYOUTS, REACTIONS } from './client.ts';
import { REACTIONS as DECLARED, STAGE_LAYOUTS } from './protocol.ts';

type Listener = (data: never) => void;

/** A call whose server is the test. */
function fakeCall(answers: Record<string, unknown>) {
  const listeners = new Map<string, Set<Listener>>();
  const sent: [string, unknown][] = [];
  const on = (name: string, listener: Listener) => {
    const all = listeners.get(name) ?? new Set();
    listeners.set(name, all.add(listener));
    return () => void all.delete(listener);
  };
  const call = {
    state: 'connected',
    on: (name: string, listener: Listener) => on(`call:${name}`, listener),
    onEvent: on,
    request: async (method: string, data: unknown) => {
      sent.push([method, data]);
      return answers[method] ?? {};
    },
  };
  const emit = (name: string, data: unknown) => {
    for (const listener of listeners.get(name) ?? []) listener(data as never);
  };
  const count = () => [...listeners.values()].reduce((sum, all) => sum + all.size, 0);
  return { call: call as unknown as Call, sent, emit, count };
}

const words = { title: 'Launch', description: '', cover: null, layout: 'grid' as const };
const event = { ...words, state: 'live' as const, startedAt: 1, endedAt: null };
const hls = { path: '/live/lab/index.m3u8', kind: 'live' as const };
const standing = { event, hls, now: Date.now() + 60_000, audience: { viewers: 2, peak: 3 }, hands: [], self: null };

test('asks where the event stands with every join', async () => {
  const { call, sent, emit } = fakeCall({ 'live.get': standing });
  const live = createLive(call);
  expect(live.state.event).toBeNull();
  emit('call:state', 'joined');
  await Promise.resolve();
  await Promise.resolve();
  expect(sent).toEqual([['live.get', {}]]);
  expect(live.state).toMatchObject({ event, hls, audience: { viewers: 2 } });
  expect(live.serverNow() - Date.now()).toBeGreaterThan(55_000);
});

test('follows what is told', () => {
  const { call, emit } = fakeCall({});
  const live = createLive(call);
  const seen: unknown[] = [];
  live.onChange((state) => seen.push(state));
  emit('live.changed', { event, hls: null });
  emit('live.audience', { audience: { viewers: 9, peak: 9 } });
  emit('live.invited', { by: 'Hanna' });
  expect(seen.at(-1)).toMatchObject({ event, audience: { viewers: 9 }, self: 'invited', invitedBy: 'Hanna' });
  emit('live.invited', { by: null });
  expect(live.state).toMatchObject({ self: null, invitedBy: null });
});

test('goes on stage and, by whomever, off it', async () => {
  const { call, sent, emit } = fakeCall({});
  const live = createLive(call);
  emit('live.invited', { by: 'Hanna' });
  await live.answer(true);
  expect(live.state).toMatchObject({ self: 'on-stage', invitedBy: null });
  emit('call:self', { role: 'speaker' });
  expect(live.state.self).toBe('on-stage');
  emit('call:self', { role: 'viewer' });
  expect(live.state.self).toBeNull();
  expect(sent).toEqual([['live.answer', { accept: true }]]);
});

test('hands reactions on, and says all that there are', () => {
  const { call, emit } = fakeCall({});
  const live = createLive(call);
  const seen: unknown[] = [];
  const off = live.onReactions((counts) => seen.push(counts));
  emit('live.reactions', { counts: { '👏': 3 } });
  off();
  emit('live.reactions', { counts: { '👏': 4 } });
  expect(seen).toEqual([{ '👏': 3 }]);
  expect(REACTIONS).toEqual(DECLARED);
  expect(LAYOUTS).toEqual(STAGE_LAYOUTS);
});

test('a closed one hears nothing any more', () => {
  const { call, count } = fakeCall({});
  const live = createLive(call);
  expect(count()).toBeGreaterThan(0);
  live.close();
  expect(count()).toBe(0);
});
