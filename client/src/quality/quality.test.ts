import { describe, expect, it } from 'vitest';
import { type History, judge, type Sample, START, sameQuality, track } from './quality.ts';

const FINE: Sample = {
  lossUp: 0,
  lossDown: 0,
  rttMs: 40,
  tcp: false,
  limitedBy: 'none',
  availableUp: 3_000_000,
  wantedUp: 2_500_000,
  starved: 0,
  watched: 3,
};

describe('judge', () => {
  it('finds nothing in a fine sample', () => {
    expect(judge(FINE)).toEqual({ level: 'good' });
  });

  it.each<[Partial<Sample>, string, string]>([
    [{ lossUp: 0.05 }, 'fair', 'loss-up'],
    [{ lossUp: 0.15 }, 'poor', 'loss-up'],
    [{ lossDown: 0.05 }, 'fair', 'loss-down'],
    [{ lossDown: 0.12, tcp: true }, 'poor', 'loss-down'],
    [{ limitedBy: 'bandwidth', availableUp: 1_000_000 }, 'fair', 'slow-up'],
    [{ limitedBy: 'bandwidth', availableUp: 400_000 }, 'poor', 'slow-up'],
    [{ limitedBy: 'bandwidth', availableUp: 100_000, wantedUp: 150_000 }, 'poor', 'slow-up'],
    [{ starved: 1 }, 'fair', 'slow-down'],
    [{ starved: 3 }, 'poor', 'slow-down'],
    [{ rttMs: 600 }, 'fair', 'latency'],
    [{ rttMs: 1200 }, 'poor', 'latency'],
    [{ limitedBy: 'cpu' }, 'fair', 'cpu'],
    [{ tcp: true }, 'fair', 'tcp'],
  ])('%o is %s because of %s', (change, level, reason) => {
    expect(judge({ ...FINE, ...change })).toEqual({ level, reason });
  });

  it('does not take a low estimate for a slow network while little is sent', () => {
    expect(judge({ ...FINE, availableUp: 300_000 }).level).toBe('good');
  });

  it('says nothing of what was not measured', () => {
    const unknown = { lossUp: null, lossDown: null, rttMs: null, availableUp: null, wantedUp: null };
    expect(judge({ ...FINE, ...unknown })).toEqual({ level: 'good' });
  });
});

describe('track', () => {
  const run = (history: History, ...samples: Partial<Sample>[]) =>
    samples.reduce((state, sample) => track(state, { ...FINE, ...sample }), history);
  const bad = { lossDown: 0.2 };

  it('waits for three bad samples in a row', () => {
    expect(run(START, bad, bad).said.level).toBe('good');
    expect(run(START, bad, bad, {}, bad, bad).said.level).toBe('good');
    expect(run(START, bad, bad, bad).said).toEqual({ level: 'poor', reason: 'loss-down' });
  });

  it('says no worse than the mildest of them', () => {
    expect(run(START, bad, { rttMs: 500 }, bad).said).toEqual({ level: 'fair', reason: 'latency' });
  });

  it('waits for six better samples in a row before it says so', () => {
    const poor = run(START, bad, bad, bad);
    expect(run(poor, {}, {}, {}, {}, {}).said.level).toBe('poor');
    expect(run(poor, {}, {}, {}, {}, {}, {}).said).toEqual({ level: 'good' });
    expect(run(poor, {}, {}, {}, {}, {}, bad, {}).said.level).toBe('poor');
  });

  it('tells another reason of the same level at once', () => {
    const fair = run(START, { tcp: true }, { tcp: true }, { tcp: true });
    expect(run(fair, { tcp: true, limitedBy: 'cpu' }).said).toEqual({ level: 'fair', reason: 'cpu' });
    expect(sameQuality(fair.said, run(fair, { tcp: true }).said)).toBe(true);
  });
});
