import type { Source } from '@amphi/protocol';

/**
 * What to do for a receiver whose bandwidth is short. Audio is neither in the worker's estimate nor held back by it; it
 * suffers from what fills the receiver's queue beside it: video that comes and goes (each return is a key frame, sent in
 * one go) and probes for more than there is. So on a thin link cameras stop for as long as they do not fit, rather than
 * flap, a screen comes in its lowest layer, whose key frames are small, and probing is limited to a step above what was
 * found.
 *
 * When a link gets thin at once its queue is full before anything is known, and the estimate takes seconds to come down
 * to what is left. Then all video stops for a moment, the screen too, so that the queue runs empty and sound gets through;
 * what comes back begins well below the estimate. But for that moment the screen never stops: the worker serves it first,
 * and never takes the bandwidth to be less than it needs.
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

/**
 * The estimate fell to this share of the highest of the last so many milliseconds, and what is sent is more than that share
 * of it: a link was cut. The estimate is behind by some steps while it falls, and does not know of the sound.
 */
const FALL = 0.8;
const PRESSED = 0.7;
const REMEMBERED_MS = 3000;
/** From less than this the little that is left of video is not worth another stop. */
const LEAST_PEAK = 200_000;
/** How long all video stops then: queues hold up to about a second. */
export const DRAIN_MS = 1200;
/** It comes back with this share of the estimate, which was still on its way down, but no less than that. */
const AFTER_DRAIN = 0.6;
const LEAST_CEILING = 100_000;
/** Above the lowest layer of a screen is what the link has room for when the worker may try so much, in bits per second. */
const FULL_SCREEN_CEILING = 1_000_000;

/** What is known of the way to the receiver, in bits per second: the worker's estimate, and all that it sends. */
export type Measured = { estimate: number; sending: number };

/** A track on its way to the receiver, as far as the policy depends on it. */
export type Flow = { id: string; source: Source; priority: number };

export type BandwidthState = {
  /** Videos that are stopped, by consumer id; with the time since when there is room for each, if there is. */
  readonly held: ReadonlyMap<string, number | undefined>;
  /** The most that the worker may send or probe, in bits per second; 0 for no limit. */
  readonly ceiling: number;
  /** When the ceiling last changed. */
  readonly ceilingSince: number;
  /** What the worker takes the bandwidth to be at least, in bits per second; 0 for its own minimum. */
  readonly floor: number;
  /** Screens come in their lowest layer only. */
  readonly smallScreens: boolean;
  /** Until when all video is stopped. */
  readonly drainUntil: number;
  /** The highest estimate lately, and when it was. */
  readonly peak: { readonly estimate: number; readonly at: number };
};

export const UNLIMITED: BandwidthState = {
  held: new Map(),
  ceiling: 0,
  ceilingSince: 0,
  floor: 0,
  smallScreens: false,
  drainUntil: -Infinity,
  peak: { estimate: 0, at: 0 },
};

/** The next state for what was measured at a time in milliseconds; `flows` are those that are wanted now. */
export function nextBandwidth(
  state: BandwidthState,
  { estimate, sending }: Measured,
  flows: readonly Flow[],
  now: number,
): BandwidthState {
  const isPeak = estimate >= state.peak.estimate || now - state.peak.at > REMEMBERED_MS;
  const wasDraining = now < state.drainUntil;
  const fell = state.peak.estimate > LEAST_PEAK && estimate <= state.peak.estimate * FALL;
  const cut = !isPeak && !wasDraining && fell && estimate < THIN_LINK && sending > estimate * PRESSED;
  const drainUntil = cut ? now + DRAIN_MS : state.drainUntil;
  const draining = now < drainUntil;
  const patient = now - state.ceilingSince < TRY_HIGHER_AFTER_MS;
  let { ceiling } = state;
  if (cut) ceiling = Math.max(LEAST_CEILING, Math.round(estimate * AFTER_DRAIN));
  else if (!draining) ceiling = nextCeiling(ceiling, estimate, patient);
  const held = nextHeld(state.held, draining ? 0 : estimate, flows, now);
  if (draining) for (const { id, source } of flows) if (source === 'screen') held.set(id, undefined);
  return {
    held,
    ceiling,
    ceilingSince: ceiling === state.ceiling ? state.ceilingSince : now,
    // For one: several screens would leave nothing to the sound.
    floor: flows.some(({ source }) => source === 'screen') ? FLOOR.screen : 0,
    smallScreens: ceiling > 0 && ceiling < FULL_SCREEN_CEILING,
    drainUntil,
    // What it was before says nothing any more about what follows; the worker brings it down to the new ceiling.
    peak: isPeak || draining ? { estimate: draining ? Math.min(estimate, ceiling) : estimate, at: now } : state.peak,
  };
}

function nextHeld(
  before: BandwidthState['held'],
  estimate: number,
  flows: readonly Flow[],
  now: number,
): Map<string, number | undefined> {
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
