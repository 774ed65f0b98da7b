import type { Source } from '@amphi/protocol';

/**
 * What to do for a receiver whose bandwidth is short. Audio is neither in the worker's estimate nor held back by it; it
 * suffers from what fills the receiver's queue beside it: video that comes and goes (each return is a key frame, sent in
 * one go) and probes for more than there is. So on a thin link cameras stop for as long as they do not fit, rather than
 * flap, and probing is limited to a step above what was found. The screen is never stopped: the worker serves it first, and
 * never takes the bandwidth to be less than it needs, however far the estimate falls when a link gets thin at once.
 */

/** Below this many bits per second a link is thin; above it the worker does as it likes. */
export const THIN_LINK = 1_000_000;
/** The bits per second without which a picture is of no use: about the first temporal layer of the lowest one. */
const FLOOR = { screen: 80_000, camera: 60_000 } as const;
/** What is left to sound before cameras get anything; of microphones only as many as ever speak at once. */
const SOUND = { microphone: 40_000, 'screen-audio': 75_000 } as const;
const VOICES_AT_ONCE = 3;
/** A camera comes back when there is so much more room than it needs, and has been for so many milliseconds. */
const RESUME_MARGIN = 1.5;
export const RESUME_AFTER_MS = 5000;
/** What the worker may try at most, in bits per second; past the last there is no limit. */
const CEILINGS = [200_000, 300_000, 450_000, 675_000, 1_000_000, 1_500_000] as const;
/** A ceiling is this far above the estimate at least, and is raised when the estimate comes this near to it. */
const HEADROOM = 1.5;
const NEAR_CEILING = 0.8;
/**
 * A ceiling that was not reached for so many milliseconds is raised by a step for once: that has the worker probe, without
 * which an estimate that fell far takes long to grow again. The probe itself costs a thin link little.
 */
export const TRY_HIGHER_AFTER_MS = 20_000;

/** A track on its way to the receiver, as far as the policy depends on it. */
export type Flow = { id: string; source: Source; priority: number };

export type BandwidthState = {
  /** Cameras that are stopped, by consumer id; with the time since when there is room for each, if there is. */
  readonly held: ReadonlyMap<string, number | undefined>;
  /** The most that the worker may send or probe, in bits per second; 0 for no limit. */
  readonly ceiling: number;
  /** When the ceiling last changed. */
  readonly ceilingSince: number;
  /** What the worker takes the bandwidth to be at least, in bits per second; 0 for its own minimum. */
  readonly floor: number;
};

export const UNLIMITED: BandwidthState = { held: new Map(), ceiling: 0, ceilingSince: 0, floor: 0 };

/** The next state for an estimate in bits per second at a time in milliseconds; `flows` are those that are wanted now. */
export function nextBandwidth(
  state: BandwidthState,
  estimate: number,
  flows: readonly Flow[],
  now: number,
): BandwidthState {
  const patient = now - state.ceilingSince < TRY_HIGHER_AFTER_MS;
  const ceiling = nextCeiling(state.ceiling, estimate, patient);
  return {
    held: nextHeld(state.held, estimate, flows, now),
    ceiling,
    ceilingSince: ceiling === state.ceiling ? state.ceilingSince : now,
    // For one: several screens would leave nothing to the sound.
    floor: flows.some(({ source }) => source === 'screen') ? FLOOR.screen : 0,
  };
}

function nextHeld(
  before: BandwidthState['held'],
  estimate: number,
  flows: readonly Flow[],
  now: number,
): BandwidthState['held'] {
  const held = new Map<string, number | undefined>();
  const count = (wanted: Source): number => flows.filter(({ source }) => source === wanted).length;
  let room =
    estimate -
    count('screen') * FLOOR.screen -
    count('screen-audio') * SOUND['screen-audio'] -
    Math.min(count('microphone'), VOICES_AT_ONCE) * SOUND.microphone;
  const cameras = flows.filter(({ source }) => source === 'camera').toSorted((a, b) => b.priority - a.priority);
  for (const { id } of cameras) {
    if (before.has(id)) {
      const since = room >= FLOOR.camera * RESUME_MARGIN ? (before.get(id) ?? now) : undefined;
      if (since === undefined || now - since < RESUME_AFTER_MS) held.set(id, since);
    } else if (estimate < THIN_LINK && room < FLOOR.camera) {
      held.set(id, undefined);
    }
    // One that is held keeps its place: those behind it do not pass.
    room -= FLOOR.camera;
  }
  return held;
}

function nextCeiling(before: number, estimate: number, patient: boolean): number {
  const fitting = CEILINGS.find((ceiling) => ceiling >= estimate * HEADROOM) ?? 0;
  if (before === 0) return estimate < THIN_LINK ? fitting : 0;
  if (fitting !== 0 && fitting < before) return fitting;
  if (estimate < before * NEAR_CEILING && patient) return before;
  return CEILINGS.find((ceiling) => ceiling > before) ?? 0;
}
