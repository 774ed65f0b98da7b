import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mergeSpeakers, RoomSpeakers, SPEAKERS_INTERVAL_MS } from './speakers.ts';
import type { Speakers } from './speakers.ts';

const level = (memberId: string, value: number): { memberId: string; level: number } => ({ memberId, level: value });

describe('mergeSpeakers', () => {
  it('is empty in silence, whoever spoke last', () => {
    expect(mergeSpeakers([{ levels: [], dominantId: 'a' }], 'a')).toEqual({ dominantId: null, levels: [] });
  });

  it('sorts by level and names each member once', () => {
    const merged = mergeSpeakers(
      [
        { levels: [level('a', -40), level('b', -20)], dominantId: 'b' },
        { levels: [level('a', -30)], dominantId: null },
      ],
      null,
    );
    expect(merged).toEqual({ dominantId: 'b', levels: [level('b', -20), level('a', -30)] });
  });

  it('keeps the dominant speaker against a slightly louder one on another router', () => {
    const routers = [
      { levels: [level('a', -30)], dominantId: 'a' },
      { levels: [level('b', -27)], dominantId: 'b' },
    ];
    expect(mergeSpeakers(routers, 'a').dominantId).toBe('a');
    expect(mergeSpeakers(routers, null).dominantId).toBe('b');
  });

  it('lets a clearly louder one take over', () => {
    const routers = [
      { levels: [level('a', -40)], dominantId: 'a' },
      { levels: [level('b', -25)], dominantId: 'b' },
    ];
    expect(mergeSpeakers(routers, 'a').dominantId).toBe('b');
  });

  it('does not change over while the dominant speaker pauses for breath', () => {
    const routers = [{ levels: [level('b', -50)], dominantId: 'a' }];
    expect(mergeSpeakers(routers, 'a').dominantId).toBe('a');
    expect(mergeSpeakers(routers, null).dominantId).toBe('b');
  });
});

describe('RoomSpeakers', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('joins what comes together, keeps the interval, and tells silence once', () => {
    const told: Speakers[] = [];
    const speakers = new RoomSpeakers((now) => told.push(now));
    const [one, two] = [{}, {}];
    speakers.setLevels(one, [level('a', -30)]);
    speakers.setDominant(one, 'a');
    speakers.setLevels(two, [level('b', -50)]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual([{ dominantId: 'a', levels: [level('a', -30), level('b', -50)] }]);

    for (let n = 0; n < 5; n++) {
      speakers.setLevels(two, [level('b', -50 + n)]);
      vi.advanceTimersByTime(10);
    }
    expect(told).toHaveLength(1);
    vi.advanceTimersByTime(SPEAKERS_INTERVAL_MS);
    expect(told).toHaveLength(2);

    speakers.setLevels(one, []);
    speakers.removeMember('b');
    vi.advanceTimersByTime(SPEAKERS_INTERVAL_MS);
    speakers.setLevels(one, []);
    vi.advanceTimersByTime(SPEAKERS_INTERVAL_MS);
    expect(told.slice(2)).toEqual([{ dominantId: null, levels: [] }]);
  });

  it('forgets a router with those who spoke there', () => {
    const told: Speakers[] = [];
    const speakers = new RoomSpeakers((now) => told.push(now));
    const router = {};
    speakers.setLevels(router, [level('a', -30)]);
    vi.advanceTimersByTime(SPEAKERS_INTERVAL_MS);
    speakers.removeRouter(router);
    vi.advanceTimersByTime(SPEAKERS_INTERVAL_MS);
    expect(told.at(-1)).toEqual({ dominantId: null, levels: [] });
    speakers.setLevels(router, [level('a', -30)]);
    speakers.close();
    vi.advanceTimersByTime(SPEAKERS_INTERVAL_MS);
    expect(told).toHaveLength(2);
  });
});
