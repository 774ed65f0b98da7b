import { describe, expect, test } from 'vitest';
import { WallClock } from './wall-clock.ts';

const RATE = 48_000;
const PACKET = 960;

/** Somebody who speaks to a clock, in packets of 20 ms; `now` is the truth, and `delay` how long packets take. */
function speaker() {
  const clock = new WallClock(RATE, { stops: true });
  const state = { rtp: 1000, now: 50_000, delay: 40 };
  /** How wrong the clock is about the packets of so many milliseconds, at worst. */
  const speak = (ms: number): number => {
    let worst = 0;
    for (const end = state.now + ms; state.now < end; state.now += 20, state.rtp += PACKET) {
      const rtp = clock.packet(state.rtp >>> 0, state.now + state.delay);
      worst = Math.max(worst, Math.abs(clock.wallOf(rtp) - state.now));
    }
    return worst;
  };
  /** A report of the truth, or of a line that is behind it. */
  const report = (behind = 0) => clock.report({ rtpTimestamp: state.rtp >>> 0, capturedAt: state.now - behind });
  return { clock, state, speak, report };
}

test('until a sender report comes, the arrival of the first packet counts', () => {
  const clock = new WallClock(RATE);
  expect(clock.wallOf(clock.packet(1000, 50_000))).toBe(50_000);
  expect(clock.wallOf(clock.packet(1000 + RATE, 51_700))).toBe(51_000);
  expect(clock.isReported).toBe(false);
});

test('a sender report says better, across the wrap of timestamps', () => {
  const clock = new WallClock(90_000);
  const first = clock.packet(0xffff_0000, 50_000);
  const rtp = first + 0x18000;
  const shift = expect.closeTo(50_900 - 50_000 - 0x18000 / 90, 5);
  expect(clock.report({ rtpTimestamp: 0x0000_8000, capturedAt: 50_900 })).toEqual({ rtp, wall: 50_900, shift });
  const next = clock.packet(0x0000_8000 + 90_000, 52_000);
  expect(clock.wallOf(next)).toBe(51_900);
});

test('a report before any packet says nothing', () => {
  expect(new WallClock(90_000).report({ rtpTimestamp: 5, capturedAt: 6 })).toBeUndefined();
});

describe('a clock that stands still while nothing is sent', () => {
  test('a pause that was told of leaves a gap, though reports tell of the time before it', () => {
    const { clock, state, speak, report } = speaker();
    speak(5000);
    expect(report()).toMatchObject({ shift: -40 });
    expect(speak(1000)).toBeLessThan(1);
    clock.paused();
    state.now += 8000;
    clock.paused();
    expect(speak(1000)).toBeLessThan(5);
    expect(report(8000)).toBeUndefined();
    expect(speak(3000)).toBeLessThan(5);
    expect(report()).toMatchObject({ shift: 0 });
    expect(speak(5000)).toBeLessThan(5);
  });

  test('after a pause, how late the first packet is comes from how late packets usually are', () => {
    const { clock, state, speak, report } = speaker();
    const jitter = (ms: number) => {
      for (const end = state.now + ms; state.now < end;) {
        state.delay = 40 + 25 * Math.sin(state.now / 300);
        speak(20);
      }
    };
    state.delay = 40;
    speak(20);
    report();
    jitter(8000);
    clock.paused();
    state.now += 3000;
    clock.paused();
    for (const delay of [65, 15]) {
      state.delay = delay;
      expect(speak(20)).toBeLessThan(30);
    }
  });

  test('a first packet behind a pause that was held up does not say for long when the others were', () => {
    const { clock, state, speak, report } = speaker();
    speak(5000);
    report();
    speak(1000);
    clock.paused();
    state.now += 3000;
    clock.paused();
    state.delay = 160;
    speak(20);
    state.delay = 40;
    expect(speak(500)).toBeGreaterThan(100);
    speak(1500);
    expect(speak(5000)).toBeLessThan(10);
  });

  test('the first report may have been held up on its way: the next one puts it right', () => {
    const { speak, report } = speaker();
    speak(500);
    report(-400);
    expect(speak(1000)).toBeGreaterThan(300);
    expect(report()?.shift).toBeCloseTo(-400);
    expect(speak(5000)).toBeLessThan(1);
  });

  test('reading may begin behind a pause that the reports do not know of', () => {
    const { speak, report } = speaker();
    speak(500);
    expect(report(9900)).toBeUndefined();
    expect(speak(3500)).toBeLessThan(41);
    expect(report()?.shift).toBeCloseTo(-40);
    expect(speak(5000)).toBeLessThan(1);
  });

  test('a microphone that stalls leaves a gap, half a second late', () => {
    const { state, speak, report } = speaker();
    speak(5000);
    report();
    state.now += 2600;
    expect(speak(500)).toBeGreaterThan(2000);
    speak(40);
    expect(report(2600)).toBeUndefined();
    expect(speak(5000)).toBeLessThan(5);
  });

  test('a network that stalls leaves none', () => {
    const { clock, state, speak, report } = speaker();
    speak(5000);
    report();
    // What was captured meanwhile comes in one burst.
    const arrival = state.now + 2000;
    for (; state.now < arrival; state.now += 20, state.rtp += PACKET) clock.packet(state.rtp, arrival);
    expect(speak(2000)).toBeLessThan(5);
  });

  test('what a report says for good is believed in the end', () => {
    const { state, speak, report } = speaker();
    speak(5000);
    report();
    // As if the microphone had stalled; but it is the network that is slower from now on.
    state.delay += 400;
    state.now += 400;
    state.rtp += 20 * PACKET;
    speak(12_000);
    report();
    speak(30_000);
    expect(speak(1000)).toBeLessThan(20);
  });
});

test('a drift is followed without a step', () => {
  const { clock, state, report } = speaker();
  let before = 0;
  let worst = 0;
  const drift = 1 + 100e-6;
  for (const end = state.now + 3_600_000; state.now < end; state.now += 20 * drift, state.rtp += PACKET) {
    const wall = clock.wallOf(clock.packet(state.rtp >>> 0, state.now + 40));
    if (state.now > 61_000) expect(Math.abs(wall - before - 20)).toBeLessThan(0.1);
    before = wall;
    if (state.rtp % (PACKET * 250) === 1000 % PACKET) report();
    if (state.now > 61_000) worst = Math.max(worst, Math.abs(wall - state.now));
  }
  expect(worst).toBeLessThan(2);
});
