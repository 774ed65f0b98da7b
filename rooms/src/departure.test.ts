import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Departure } from './departure.ts';
import { FakeClock } from './testing/index.ts';

describe('departure', () => {
  let clock: FakeClock;
  let alive: boolean;
  const onLost = vi.fn<() => void>();
  let departure: Departure;

  beforeEach(() => {
    clock = new FakeClock();
    alive = true;
    onLost.mockReset();
    departure = new Departure({ clock, resumeWindowMs: 60_000, isAlive: () => alive, onLost });
  });

  test('who falls silent has the whole window, with dead media too', () => {
    alive = false;
    departure.dropped('silent');
    clock.advance(59_999);
    expect(onLost).not.toHaveBeenCalled();
    clock.advance(1);
    expect(onLost).toHaveBeenCalled();
  });

  test('who closes the connection and has dead media is gone after 8 s', () => {
    departure.dropped('closed');
    clock.advance(7000);
    alive = false;
    departure.mediaAlive(false);
    expect(onLost).not.toHaveBeenCalled();
    clock.advance(1000);
    expect(onLost).toHaveBeenCalledTimes(1);
  });

  test('who closes the connection while media goes on is kept until that is dead', () => {
    departure.dropped('closed');
    clock.advance(30_000);
    expect(onLost).not.toHaveBeenCalled();
    departure.mediaAlive(false);
    expect(onLost).toHaveBeenCalledTimes(1);
  });

  test('media that recovers within the 8 s counts as alive', () => {
    departure.dropped('closed');
    departure.mediaAlive(false);
    departure.mediaAlive(true);
    clock.advance(20_000);
    expect(onLost).not.toHaveBeenCalled();
  });

  test('who is back is not gone', () => {
    alive = false;
    departure.dropped('closed');
    clock.advance(7999);
    departure.back();
    departure.mediaAlive(false);
    clock.advance(120_000);
    expect(onLost).not.toHaveBeenCalled();
    expect(clock.waiting).toBe(0);
  });
});
