import { describe, expect, it } from 'vitest';
import { backoffMs, loadOf } from './worker-pool.ts';

const idle = { routers: 0, members: 0, consumers: 0, cpuShare: 0 };

describe('loadOf', () => {
  it('counts what was placed at once', () => {
    expect(loadOf({ ...idle, routers: 1 })).toBeGreaterThan(loadOf(idle));
    expect(loadOf({ ...idle, consumers: 6 })).toBeGreaterThan(loadOf({ ...idle, routers: 1, members: 2 }));
  });

  it('believes the CPU where few consumers cost much', () => {
    expect(loadOf({ ...idle, consumers: 10, cpuShare: 0.8 })).toBeGreaterThan(loadOf({ ...idle, consumers: 200 }));
  });
});

describe('backoffMs', () => {
  it('starts the first replacement at once, then waits longer and longer, up to a limit', () => {
    expect([1, 2, 3, 4].map(backoffMs)).toEqual([0, 250, 500, 1000]);
    expect(backoffMs(50)).toBe(10_000);
  });
});
