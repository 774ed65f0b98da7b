import { describe, expect, it } from 'vitest';
import { report } from '../stats/testing.ts';
import { SoundWatch } from './sound-watch.ts';

type Audio = { id?: string; madeUp: number; samples: number; bytes?: number; packets?: number; lost?: number };

/** A report made `at` milliseconds. */
const heard = (at: number, ...sounds: Audio[]) =>
  report(
    ...sounds.map(({ id = 'a', madeUp, samples, bytes = 0, packets = 0, lost = 0 }) => ({
      id,
      type: 'inbound-rtp',
      kind: 'audio' as const,
      timestamp: at,
      bytesReceived: bytes,
      concealedSamples: madeUp,
      totalSamplesReceived: samples,
      packetsReceived: packets,
      packetsLost: lost,
    })),
  );

describe('SoundWatch', () => {
  it('says nothing of sound that is whole, or of which a little is made up', () => {
    const watch = new SoundWatch();
    expect(watch.add(heard(0, { madeUp: 0, samples: 0 }))).toBeUndefined();
    expect(watch.add(heard(500, { madeUp: 0, samples: 24_000 }))).toBeUndefined();
    expect(watch.add(heard(1000, { madeUp: 3000, samples: 48_000 }))).toBeUndefined();
  });

  it('says what arrives when one of several sounds is broken', () => {
    const watch = new SoundWatch();
    const whole = { id: 'b', madeUp: 0 };
    watch.add(heard(0, { madeUp: 0, samples: 0 }, { ...whole, samples: 0 }));
    const next = heard(
      500,
      { madeUp: 9000, samples: 24_000, bytes: 10_000 },
      { ...whole, samples: 24_000, bytes: 5000 },
    );
    expect(watch.add(next)).toEqual({ receivedBps: 240_000, lost: 0 });
  });

  it('takes what arrived in the last two looks together, since packets come in bursts', () => {
    const watch = new SoundWatch();
    watch.add(heard(0, { madeUp: 0, samples: 0 }));
    watch.add(heard(500, { madeUp: 9000, samples: 24_000, bytes: 20_000 }));
    expect(watch.add(heard(1000, { madeUp: 18_000, samples: 48_000, bytes: 22_500 }))).toMatchObject({
      receivedBps: 90_000,
    });
    expect(watch.add(heard(1500, { madeUp: 27_000, samples: 72_000, bytes: 42_500 }))).toMatchObject({
      receivedBps: 180_000,
    });
  });

  it('says what share of all sounds was lost since; what comes after all is no loss', () => {
    const watch = new SoundWatch();
    const broken = (at: number, a: Partial<Audio>, b: Partial<Audio>) => {
      const samples = { madeUp: at * 24, samples: at * 48, bytes: at * 10 };
      return watch.add(heard(at, { id: 'a', ...samples, ...a }, { id: 'b', ...samples, ...b }));
    };
    broken(0, { packets: 100, lost: 50 }, { packets: 100, lost: 50 });
    expect(broken(500, { packets: 120, lost: 55 }, { packets: 120, lost: 55 })?.lost).toBeCloseTo(0.2);
    expect(broken(1000, { packets: 150, lost: 55 }, { packets: 150, lost: 45 })?.lost).toBe(0);
  });

  it('says nothing of a connection that is gone, nor of the first moment after that', () => {
    const watch = new SoundWatch();
    watch.add(heard(0, { madeUp: 0, samples: 0, bytes: 0 }));
    expect(watch.add(heard(500, { madeUp: 24_000, samples: 24_000, bytes: 1000 }))).toBeUndefined();
    expect(watch.add(heard(1000, { madeUp: 40_000, samples: 48_000, bytes: 9000 }))).toBeUndefined();
    expect(watch.add(heard(1500, { madeUp: 50_000, samples: 72_000, bytes: 19_000 }))).toMatchObject({
      receivedBps: 160_000,
    });
  });

  it('does not count what was made up before it looked, or too little to say', () => {
    const watch = new SoundWatch();
    expect(watch.add(heard(0, { madeUp: 40_000, samples: 48_000 }))).toBeUndefined();
    expect(watch.add(heard(100, { madeUp: 44_000, samples: 52_800 }))).toBeUndefined();
    watch.clear();
    expect(watch.add(heard(500, { madeUp: 60_000, samples: 72_000 }))).toBeUndefined();
  });
});
