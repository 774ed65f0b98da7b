import { describe, expect, it } from 'vitest';
import { Demand, LOWER_AFTER_MS, maxWanted } from './demand.ts';
import type { Timers } from './demand.ts';

/** Timers that fire when told to. */
function fakeTimers(): Timers & { fire(): void; pending: () => number } {
  const waiting = new Map<number, { callback: () => void; ms: number }>();
  let next = 1;
  return {
    set(callback, ms) {
      expect(ms).toBe(LOWER_AFTER_MS);
      waiting.set(next, { callback, ms });
      return next++;
    },
    clear: (timer) => void waiting.delete(timer as number),
    fire() {
      const due = [...waiting.values()];
      waiting.clear();
      for (const { callback } of due) callback();
    },
    pending: () => waiting.size,
  };
}

function demandOf(layers: number): { demand: Demand; told: number[]; timers: ReturnType<typeof fakeTimers> } {
  const timers = fakeTimers();
  const told: number[] = [];
  return { demand: new Demand(layers, (layer) => told.push(layer), timers), told, timers };
}

describe('maxWanted', () => {
  it('is -1 when nobody looks', () => {
    expect(maxWanted([], 3)).toBe(-1);
    expect(maxWanted([{ paused: true, spatialLayer: 2 }], 3)).toBe(-1);
  });

  it('is the highest over those who look', () => {
    const wants = [
      { paused: false, spatialLayer: 0 },
      { paused: false, spatialLayer: 1 },
      { paused: true, spatialLayer: 2 },
    ];
    expect(maxWanted(wants, 3)).toBe(1);
  });

  it('takes no wish, and a wish for more than there is, for the top', () => {
    expect(maxWanted([{ paused: false, spatialLayer: undefined }], 3)).toBe(2);
    expect(maxWanted([{ paused: false, spatialLayer: 2 }], 1)).toBe(0);
  });
});

describe('Demand', () => {
  it('tells a publisher whom nobody watches to stop, after a while', () => {
    const { demand, told, timers } = demandOf(3);
    demand.changed();
    expect(told).toEqual([]);
    timers.fire();
    expect(told).toEqual([-1]);
  });

  it('says nothing while the top layer is wanted', () => {
    const { demand, told, timers } = demandOf(3);
    demand.changed();
    demand.wants.set('a', { paused: false, spatialLayer: undefined });
    demand.changed();
    expect(timers.pending()).toBe(0);
    expect(told).toEqual([]);
  });

  it('raises at once and lowers late', () => {
    const { demand, told, timers } = demandOf(3);
    demand.wants.set('a', { paused: false, spatialLayer: 0 });
    demand.changed();
    timers.fire();
    expect(told).toEqual([0]);
    demand.wants.set('b', { paused: false, spatialLayer: 1 });
    demand.changed();
    expect(told).toEqual([0, 1]);
    demand.wants.delete('b');
    demand.changed();
    expect(told).toEqual([0, 1]);
    timers.fire();
    expect(told).toEqual([0, 1, 0]);
  });

  it('raises over a pending lowering, and keeps lowering to what is wanted in the end', () => {
    const { demand, told, timers } = demandOf(3);
    demand.wants.set('a', { paused: false, spatialLayer: 0 });
    demand.changed();
    demand.wants.set('a', { paused: false, spatialLayer: 1 });
    demand.changed();
    timers.fire();
    expect(told).toEqual([1]);
    demand.wants.set('a', { paused: true, spatialLayer: 1 });
    demand.changed();
    demand.wants.set('a', { paused: false, spatialLayer: 2 });
    demand.changed();
    expect(told).toEqual([1, 2]);
    timers.fire();
    expect(told).toEqual([1, 2]);
  });

  it('is silent once closed', () => {
    const { demand, told, timers } = demandOf(3);
    demand.changed();
    demand.close();
    timers.fire();
    demand.wants.set('a', { paused: true, spatialLayer: undefined });
    demand.changed();
    timers.fire();
    expect(told).toEqual([]);
  });
});
