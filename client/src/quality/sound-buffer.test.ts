import { expect, it } from 'vitest';
import { report } from '../stats/testing.ts';
import { SoundBuffer } from './sound-buffer.ts';

/** Looks twice a second; answers what is said at the last look. */
class Listener {
  readonly buffer = new SoundBuffer();
  now = 0;
  #heard = { nackCount: 0, concealedSamples: 0, totalSamplesReceived: 0 };

  listen(seconds: number, each: { nacks: number; madeUp: number; roundTripMs?: number }): number | null {
    let held: number | null = null;
    for (let look = 0; look < seconds * 2; look += 1) {
      this.now += 500;
      this.#heard.nackCount += each.nacks;
      this.#heard.concealedSamples += 24_000 * each.madeUp;
      this.#heard.totalSamplesReceived += 24_000;
      const pair = { id: 'p', type: 'candidate-pair', timestamp: this.now, nominated: true, state: 'succeeded' };
      held = this.buffer.add(
        report(
          { id: 'a', type: 'inbound-rtp', kind: 'audio', timestamp: this.now, ...this.#heard },
          { ...pair, currentRoundTripTime: (each.roundTripMs ?? 0) / 1000 },
        ),
        this.now,
      );
    }
    return held;
  }
}

it('leaves sound alone that is whole, and sound that is made up though nothing was lost', () => {
  expect(new Listener().listen(10, { nacks: 0, madeUp: 0 })).toBeNull();
  expect(new Listener().listen(10, { nacks: 0, madeUp: 0.2 })).toBeNull();
  expect(new Listener().listen(10, { nacks: 3, madeUp: 0.005 })).toBeNull();
});

it('holds sound for longer where it is lost and comes again too late: the longer, the farther the server is', () => {
  expect(new Listener().listen(10, { nacks: 3, madeUp: 0.04 })).toBe(180);
  expect(new Listener().listen(10, { nacks: 3, madeUp: 0.04, roundTripMs: 80 })).toBe(340);
  expect(new Listener().listen(10, { nacks: 3, madeUp: 0.04, roundTripMs: 600 })).toBe(400);
});

it('does not say anything of the first moment', () => {
  expect(new Listener().listen(1, { nacks: 3, madeUp: 0.5 })).toBeNull();
});

it('goes on holding while packets are lost, and stops a while after the last one', () => {
  const listener = new Listener();
  listener.listen(10, { nacks: 3, madeUp: 0.04 });
  expect(listener.listen(60, { nacks: 3, madeUp: 0 })).toBe(180);
  expect(listener.listen(14, { nacks: 0, madeUp: 0 })).toBe(180);
  expect(listener.listen(2, { nacks: 0, madeUp: 0 })).toBeNull();
});

it('forgets what it was told', () => {
  const listener = new Listener();
  listener.listen(10, { nacks: 3, madeUp: 0.04 });
  listener.buffer.clear();
  expect(listener.listen(1, { nacks: 3, madeUp: 0.04 })).toBeNull();
});
