import { describe, expect, it } from 'vitest';
import {
  afterBrokenSound,
  afterMeasure,
  type BandwidthState,
  DRAIN_MS,
  type Flow,
  nextBandwidth,
  QUIET_MS,
  RESUME_AFTER_MS,
  THIN_START_MS,
  thinStart,
  TRY_CAMERAS_AFTER_MS,
  TRY_CAMERAS_MS,
  TRY_HIGHER_AFTER_MS,
  UNLIMITED,
} from './bandwidth.ts';

const screen: Flow = { id: 'screen', source: 'screen', priority: 200 };
const camera: Flow = { id: 'camera', source: 'camera', priority: 100 };
const thumbnail: Flow = { id: 'thumbnail', source: 'camera', priority: 50 };

/** What comes of one estimate per second. */
function after(estimates: readonly number[], flows: readonly Flow[], from = UNLIMITED, at = 0): BandwidthState {
  return estimates.reduce((state, estimate, n) => nextBandwidth(state, estimate, flows, at + n * 1000), from);
}

const heldOf = ({ held }: BandwidthState): string[] => [...held.keys()];

describe('cameras', () => {
  it('are left to the worker where there is bandwidth, however many there are', () => {
    const many = Array.from({ length: 49 }, (_, n) => ({ ...camera, id: `camera ${n}` }));
    expect(heldOf(after([1_500_000], [screen, ...many]))).toEqual([]);
  });

  it('stop at once when the screen leaves no room for them; the screen never does', () => {
    expect(heldOf(after([130_000], [camera, screen]))).toEqual(['camera']);
    expect(heldOf(after([30_000], [camera, screen]))).toEqual(['camera']);
    expect(heldOf(after([130_000], [camera]))).toEqual([]);
  });

  it('leave room for the sound, of as many voices as speak at once', () => {
    const voices = Array.from({ length: 9 }, (_, n): Flow => ({ id: `voice ${n}`, source: 'microphone', priority: 1 }));
    const music: Flow = { id: 'music', source: 'screen-audio', priority: 1 };
    expect(heldOf(after([200_000], [camera, screen, music]))).toEqual(['camera']);
    expect(heldOf(after([200_000], [camera, screen, ...voices]))).toEqual(['camera']);
    expect(heldOf(after([270_000], [camera, screen, ...voices]))).toEqual([]);
  });

  it('stop with the least important one', () => {
    expect(heldOf(after([150_000], [thumbnail, camera, screen]))).toEqual(['thumbnail']);
    expect(heldOf(after([100_000], [thumbnail, camera, screen]))).toEqual(['camera', 'thumbnail']);
  });

  it('come back when there was room to spare for a while, not before', () => {
    const held = after([130_000], [camera, screen]);
    expect(
      heldOf(after([160_000, 160_000, 160_000, 160_000, 160_000, 160_000, 160_000], [camera, screen], held)),
    ).toEqual(['camera']);
    const dip = after([250_000, 250_000, 250_000, 160_000, 250_000, 250_000, 200_000], [camera, screen], held);
    expect(heldOf(dip)).toEqual(['camera']);
    const since = RESUME_AFTER_MS / 1000;
    expect(heldOf(after(Array<number>(since).fill(250_000), [camera, screen], held))).toEqual(['camera']);
    expect(heldOf(after(Array<number>(since + 1).fill(250_000), [camera, screen], held))).toEqual([]);
  });

  it('are left to the worker now and then, which alone can find out whether there is room by now', () => {
    const held = after([130_000], [camera, screen]);
    const patient = TRY_CAMERAS_AFTER_MS / 1000;
    const before = after(Array<number>(patient).fill(130_000), [camera, screen], held);
    expect(heldOf(before)).toEqual(['camera']);
    const tried = nextBandwidth(before, 130_000, [camera, screen], TRY_CAMERAS_AFTER_MS);
    expect(heldOf(tried)).toEqual([]);
    const stillTried = nextBandwidth(tried, 130_000, [camera, screen], TRY_CAMERAS_AFTER_MS + TRY_CAMERAS_MS - 1);
    expect(heldOf(stillTried)).toEqual([]);
    const over = nextBandwidth(stillTried, 130_000, [camera, screen], TRY_CAMERAS_AFTER_MS + TRY_CAMERAS_MS);
    expect(heldOf(over)).toEqual(['camera']);
  });

  it('are forgotten when they are not wanted any more', () => {
    expect(heldOf(after([130_000], [screen], after([130_000], [camera, screen])))).toEqual([]);
  });
});

describe('the ceiling', () => {
  it('is not there on a link that is not thin', () => {
    expect(after([1_500_000, 1_000_000, 3_000_000], [camera]).ceiling).toBe(0);
  });

  it('comes down at once, a step above the estimate', () => {
    expect(after([190_000], [camera]).ceiling).toBe(300_000);
    expect(after([2_000_000, 600_000], [camera]).ceiling).toBe(1_000_000);
  });

  it('stays while the estimate moves a little, and never narrows what it limits by itself', () => {
    const first = after([190_000], [camera]);
    expect(after([210_000, 230_000, 180_000], [camera], first).ceiling).toBe(300_000);
    expect(after(Array<number>(60).fill(290_000), [camera]).ceiling).toBeGreaterThan(300_000);
  });

  it('tries a step more now and then, which an estimate that does not follow takes back', () => {
    const quiet = Array<number>(TRY_HIGHER_AFTER_MS / 1000 + 1).fill(130_000);
    const tried = after(quiet, [camera]);
    expect(tried.ceiling).toBe(300_000);
    expect(after([130_000], [camera], tried, TRY_HIGHER_AFTER_MS + 1000).ceiling).toBe(200_000);
  });

  it('goes when a link has got better, within seconds', () => {
    let state = after([190_000], [camera]);
    let seconds = 0;
    // An estimate that reaches whatever it is allowed to.
    for (; state.ceiling !== 0; seconds += 1) state = nextBandwidth(state, state.ceiling, [camera], seconds * 1000);
    expect(seconds).toBeLessThanOrEqual(6);
  });
});

it('the floor is there for a screen, and only then', () => {
  expect(after([2_000_000], [screen, camera]).floor).toBe(80_000);
  expect(after([2_000_000], [camera], after([2_000_000], [screen])).floor).toBe(0);
});

describe('the start', () => {
  const sounds: Flow[] = [
    { id: 'microphone', source: 'microphone', priority: 1 },
    { id: 'music', source: 'screen-audio', priority: 1 },
  ];
  const flows = [screen, camera, ...sounds];

  it('is as ever where more gets through than a thin link carries', () => {
    expect(thinStart(600_000, flows, 0)).toBeUndefined();
  });

  it('leaves to video what the sound does not need, and has it begin with what there is room for', () => {
    const state = thinStart(300_000, flows, 0);
    expect(state).toMatchObject({ ceiling: 125_000, floor: 80_000, coarse: true, drainUntil: -Infinity });
    expect([...(state?.held.keys() ?? [])]).toEqual(['camera']);
    expect(thinStart(20_000, flows, 0)?.ceiling).toBe(100_000);
  });

  it('has a camera come where there is nothing else to see', () => {
    const state = thinStart(300_000, [camera, ...sounds.slice(0, 1)], 0);
    expect(state?.ceiling).toBe(200_000);
    expect(state?.held.size).toBe(0);
  });

  it('is over after a while: what was found so early may be wrong', () => {
    let state = thinStart(300_000, flows, 0);
    const ceilings: number[] = [];
    for (let now = 1000; state && now <= THIN_START_MS + 10_000; now += 1000) {
      // An estimate that reaches whatever it is allowed to.
      state = nextBandwidth(state, state.ceiling || 3_000_000, flows, now);
      ceilings.push(state.ceiling);
    }
    const stays = THIN_START_MS / 1000 - 1;
    expect(ceilings.slice(0, stays)).toEqual(Array<number>(stays).fill(125_000));
    expect(ceilings.at(-1)).toBe(0);
    expect(state?.coarse).toBe(false);
    expect(state?.held.size).toBe(0);
  });
});

describe('a measure that comes later', () => {
  const microphone: Flow = { id: 'microphone', source: 'microphone', priority: 1 };
  const flows = [screen, camera, microphone];
  const start = afterMeasure(UNLIMITED, 300_000, flows, 0);

  it('begins a thin start where nothing is known yet, and changes nothing on a wide link', () => {
    expect(start).toEqual(thinStart(300_000, flows, 0));
    const wide = after([4_000_000], flows);
    expect(afterMeasure(wide, 3_000_000, flows, 1000)).toBe(wide);
  });

  it('counts where it says more than an earlier one', () => {
    expect(afterMeasure(start, 200_000, flows, 1000)).toBe(start);
    expect(afterMeasure(start, 400_000, flows, 1000).ceiling).toBe(280_000);
  });

  it('ends a thin start that was a mistake, and the estimate that it held down gets time to grow', () => {
    const wide = afterMeasure(start, 5_000_000, flows, 1000);
    const growing = after([160_000, 200_000, 900_000], flows, wide, 1100);
    expect(growing).toMatchObject({ ceiling: 0, coarse: false });
    expect(heldOf(growing)).toEqual([]);
    expect(after([160_000], flows, growing, 6000).ceiling).toBe(300_000);
  });

  it('undoes nothing of what the sound has shown', () => {
    const cut = { received: 150_000, sent: 300_000, lost: 0.3 };
    const broken = afterBrokenSound(start, cut, 160_000, flows, 2000);
    expect(broken.ceiling).toBeLessThan(start.ceiling);
    expect(afterMeasure(broken, 5_000_000, flows, 2500)).toBe(broken);
    const wide = afterMeasure(start, 5_000_000, flows, 1000);
    expect(afterBrokenSound(wide, cut, 160_000, flows, 2000).ceiling).toBe(100_000);
  });
});

describe('screens', () => {
  it('come in their lowest layer while little gets through, and stay in it until there is more to spare', () => {
    expect(after([1_500_000], [screen]).coarse).toBe(false);
    const fell = after([1_500_000, 300_000], [screen]);
    expect(fell.coarse).toBe(true);
    const back = after([400_000, 440_000, 600_000], [screen], fell, 2000);
    expect(back).toMatchObject({ coarse: true, ceiling: 1_000_000 });
    const more = after([660_000], [screen], back, 5000);
    expect(more.coarse).toBe(false);
    expect(after([550_000], [screen], more, 6000).coarse).toBe(false);
    expect(after([490_000], [screen], more, 7000).coarse).toBe(true);
  });

  it('stay in it where the worker still tells what it found before it got the ceiling', () => {
    const state = thinStart(300_000, [screen], 0);
    expect(state && nextBandwidth(state, 1_500_000, [screen], 100).coarse).toBe(true);
  });
});

describe('broken sound', () => {
  const microphone: Flow = { id: 'microphone', source: 'microphone', priority: 1 };
  const flows = [screen, camera, microphone];
  const wide = after([4_000_000, 4_000_000], flows);
  const cut = { received: 250_000, sent: 900_000, lost: 0 };
  const broken = afterBrokenSound(wide, cut, 3_000_000, flows, 1500);

  it('stops all video at once where the link carries less than is sent, and leaves to it what sound does not need', () => {
    expect(heldOf(broken)).toEqual(['screen', 'camera']);
    expect(broken.ceiling).toBe(160_000);
  });

  it('has the screen come back when the queue is empty, and the camera when there is room', () => {
    const drained = nextBandwidth(broken, 130_000, flows, 1500 + DRAIN_MS);
    expect(heldOf(drained)).toEqual(['camera']);
  });

  it('lets a camera alone come back as well: a thin link has a picture', () => {
    const alone = [camera, microphone];
    const state = afterBrokenSound(wide, cut, 3_000_000, alone, 1500);
    expect(heldOf(state)).toEqual(['camera']);
    expect(heldOf(after(Array<number>(7).fill(160_000), alone, state, 2500))).toEqual([]);
  });

  it('that is not for want of bandwidth changes nothing: the estimate did not fall, or all that is sent arrives', () => {
    const isUntouched = (state: BandwidthState) => heldOf(state).length === 0 && state.ceiling === 0;
    expect(isUntouched(afterBrokenSound(wide, cut, 4_000_000, flows, 1500))).toBe(true);
    const arriving = { received: 950_000, sent: 1_000_000, lost: 0 };
    expect(isUntouched(afterBrokenSound(wide, arriving, 3_000_000, flows, 1500))).toBe(true);
  });

  it('shows that the link is short where much of it is lost, when the estimate stays: nothing grows in a queue that is full', () => {
    const overflowing = { received: 300_000, sent: 900_000, lost: 0.3 };
    expect(afterBrokenSound(wide, overflowing, 4_000_000, flows, 1500).ceiling).toBe(200_000);
    const byChance = { received: 765_000, sent: 900_000, lost: 0.15 };
    expect(afterBrokenSound(wide, byChance, 4_000_000, flows, 1500).ceiling).toBe(0);
    const late = { received: 300_000, sent: 900_000, lost: 0 };
    const once = afterBrokenSound(wide, late, 4_000_000, flows, 1500);
    expect(once.ceiling).toBe(0);
    expect(afterBrokenSound(once, late, 4_000_000, flows, 2000).ceiling).toBe(200_000);
    expect(afterBrokenSound(once, late, 4_000_000, flows, 4000).ceiling).toBe(0);
  });

  it('counts for a moment, until the estimate shows that the link is short', () => {
    const heard = afterBrokenSound(wide, { received: 900_000, sent: 1_000_000, lost: 0 }, 4_000_000, flows, 1500);
    expect(nextBandwidth(heard, 3_000_000, flows, 2000).ceiling).toBe(680_000);
    expect(nextBandwidth(heard, 3_900_000, flows, 2000).ceiling).toBe(0);
    expect(nextBandwidth(heard, 3_000_000, flows, 3500).ceiling).toBe(0);
  });

  it('that goes on lowers the ceiling further, but keeps the lowest layer, and stops video no second time', () => {
    let state = broken;
    for (let now = 3500; now < 9500; now += 500) state = afterBrokenSound(state, cut, 130_000, flows, now);
    expect(state.ceiling).toBe(100_000);
    expect(heldOf(state)).toEqual(['camera']);
  });

  it('has the ceiling stay for a while, and for twice as long when the next try breaks it again', () => {
    const staysFor = (from: BandwidthState, at: number): number => {
      let state = from;
      let now = at;
      for (; state.ceiling === from.ceiling; now += 500) state = nextBandwidth(state, from.ceiling, flows, now);
      return now - 500 - at;
    };
    expect(staysFor(broken, 1500)).toBe(QUIET_MS);
    const tried = nextBandwidth(broken, broken.ceiling, flows, 1500 + QUIET_MS);
    const again = afterBrokenSound(tried, cut, 130_000, flows, 2500 + QUIET_MS);
    expect(staysFor(again, 2500 + QUIET_MS)).toBe(2 * QUIET_MS);
  });
});
