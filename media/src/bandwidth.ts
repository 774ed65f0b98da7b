import { KIND_OF_SOURCE, type Source } from '@amphi/protocol';

/**
 * What to do for a receiver whose bandwidth is short. Audio is neither in the worker's estimate nor held back by it; it
 * suffers from what fills the receiver's queue beside it: video that comes and goes (each return is a key frame, sent in
 * one go) and probes for more than there is. So on a thin link cameras stop for as long as they do not fit, rather than
 * flap, and probing is limited to a step above what was found. The screen is never stopped: the worker serves it first, and
 * never takes the bandwidth to be less than it needs, however far the estimate falls when a link gets thin at once.
 *
 * The worker comes down from its estimate by a seventh at a time, and what was lost is sent again on top, so that on a link
 * that was cut the sound is in pieces for up to half a minute. Who hears that says so, and how much arrives: all that the
 * link carries. {@link afterBrokenSound} stops all video for a moment, which empties the queue and ends the repeats, and
 * leaves to it what the sound does not need of that.
 */

/** Below this many bits per second a link is thin; above it the worker does as it likes. */
export const THIN_LINK = 1_000_000;
/**
 * Where less than this is found before anything is sent, video begins with what the sound leaves of it. It is less than a thin
 * link has, for what is found so early is rough.
 */
const THIN_START = 600_000;
/** How long it stays with that before more is tried: longer than elsewhere, for the key frames of the start come on top. */
export const THIN_START_MS = 15_000;
/** Where it shows that this was wrong, an estimate that was held down by it has so long to grow. */
const TRUST_MS = 4000;
/**
 * Below this estimate screens come in their lowest layer: a key frame of the full one takes the link for a second and more.
 * They stay in it until there is so much more.
 */
const COARSE = 500_000;
const COARSE_MARGIN = 1.3;
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

/** That more than this share of what is sent arrives shows that the link is not what is short. */
const ARRIVES = 0.9;
/**
 * That it is short shows in an estimate that fell to this share of what it was in the last milliseconds. What arrives says
 * too little: a machine that is too busy to play sound is late with reading packets as well.
 */
const FALL = 0.85;
const FALL_WITHIN_MS = 3000;
/**
 * A queue that is full all the time does not get any longer, which is what the estimate goes by: where a member joins over a
 * thin link it may stay at what it began with for many seconds. Then it shows in what does not arrive: so much of the sound at
 * once, or twice in a row more of all than is lost by chance on a link that people still call over.
 */
const OVERFLOW_LOSS = 0.1;
const OVERFLOW_ARRIVES = 0.7;
/** A report of broken sound is good for so long. */
const BROKEN_FOR_MS = 1500;
/** What may be used of what arrived: the rest lets the queue run empty. */
const SAFE = 0.8;
/** With the least of all ceilings the lowest layer of a camera still comes. In bits per second. */
const LEAST_CEILING = 100_000;
/** How long all video stops for the queue to run empty, and how long it goes on in any case before it does so again. */
export const DRAIN_MS = 800;
const DRAIN_AGAIN_MS = 10_000;
/** After a ceiling was lowered for the sound it shows in so many milliseconds whether that was enough. */
const SETTLE_MS = 1500;
/** Sound that is still broken so long after it was not. */
const STILL_MS = 5000;
/** How long such a ceiling stays before more is tried. */
export const QUIET_MS = 8000;
/** Sound that breaks again so soon after a ceiling was raised has the next attempt wait twice as long, up to a limit. */
const RELAPSE_MS = 15_000;
const LONGEST_PATIENCE_MS = 160_000;

/**
 * Nothing probes for a camera that is stopped, and the estimate may stay where it was. So after so many milliseconds all
 * are left to the worker, which looks for bandwidth, for so many.
 */
export const TRY_CAMERAS_AFTER_MS = 10_000;
export const TRY_CAMERAS_MS = 6000;

/** A track on its way to the receiver, as far as the policy depends on it. */
export type Flow = { id: string; source: Source; priority: number };

export type BandwidthState = {
  /** Screens come in their lowest layer. */
  readonly coarse: boolean;
  /** Cameras that are stopped, by consumer id; with the time since when there is room for each, if there is. */
  readonly held: ReadonlyMap<string, number | undefined>;
  /** The most that the worker may send or probe, in bits per second; 0 for no limit. */
  readonly ceiling: number;
  /** When the ceiling last changed. */
  readonly ceilingSince: number;
  /** What the worker takes the bandwidth to be at least, in bits per second; 0 for its own minimum. */
  readonly floor: number;
  /** The ceiling was lowered for the sound. */
  readonly forSound: boolean;
  /** For how many milliseconds it stays then. */
  readonly patience: number;
  /** Until when all video is stopped. */
  readonly drainUntil: number;
  /** Since when some camera is stopped, and until when all are tried. */
  readonly heldSince: number;
  readonly trialUntil: number;
  /** Until when a low estimate limits nothing: it comes of a limit that should not have been. */
  readonly trustUntil: number;
  /** The highest estimate of the last seconds. */
  readonly peak: Peak;
  /** The last report of broken sound that nothing was done about yet. */
  readonly broken: Heard;
  /** The report before that. */
  readonly earlier: Heard;
};

/** In bits per second, what arrives where sound is broken, and what is sent there; and the share of sound that got lost. */
export type Broken = { readonly received: number; readonly sent: number; readonly lost: number };
type Heard = Broken & { readonly at: number };
type Peak = { readonly bps: number; readonly at: number };
const NOT_BROKEN = { received: 0, sent: 0, lost: 0, at: -Infinity };

const NONE: BandwidthState['held'] = new Map();

export const UNLIMITED: BandwidthState = {
  coarse: false,
  held: NONE,
  ceiling: 0,
  ceilingSince: -Infinity,
  floor: 0,
  forSound: false,
  patience: QUIET_MS,
  drainUntil: -Infinity,
  heldSince: Infinity,
  trialUntil: -Infinity,
  trustUntil: -Infinity,
  peak: { bps: 0, at: -Infinity },
  broken: NOT_BROKEN,
  earlier: NOT_BROKEN,
};

/** The next state for an estimate in bits per second at a time in milliseconds; `flows` are those that are wanted now. */
export function nextBandwidth(
  before: BandwidthState,
  estimate: number,
  flows: readonly Flow[],
  now: number,
): BandwidthState {
  const state = lowered(before, estimate, flows, now);
  const isPeak = estimate >= state.peak.bps || now - state.peak.at > FALL_WITHIN_MS;
  const since = now - state.ceilingSince;
  const stays = state.forSound && since < state.patience;
  const isTrusted = now < state.trustUntil;
  const ceiling =
    stays || isTrusted ? state.ceiling : nextCeiling(state.ceiling, estimate, since < TRY_HIGHER_AFTER_MS);
  const draining = now < state.drainUntil;
  // Never while the sound needs quiet.
  const tries = !draining && !stays && now - state.heldSince >= TRY_CAMERAS_AFTER_MS;
  const trialUntil = draining || stays ? -Infinity : tries ? now + TRY_CAMERAS_MS : state.trialUntil;
  const isTrial = now < trialUntil || isTrusted;
  const held = draining ? allVideo(flows) : isTrial ? NONE : nextHeld(state.held, estimate, flows, now);
  return {
    ...state,
    held,
    heldSince: held.size === 0 ? Infinity : Math.min(state.heldSince, now),
    trialUntil,
    ceiling,
    ceilingSince: ceiling === state.ceiling ? state.ceilingSince : now,
    coarse: isCoarse(state, ceiling, estimate),
    forSound: state.forSound && ceiling === state.ceiling,
    peak: isPeak ? { bps: estimate, at: now } : state.peak,
    // For one: several screens would leave nothing to the sound.
    floor: flows.some(({ source }) => source === 'screen') ? FLOOR.screen : 0,
  };
}

function allVideo(flows: readonly Flow[]): BandwidthState['held'] {
  return new Map(flows.filter(({ source }) => KIND_OF_SOURCE[source] === 'video').map(({ id }) => [id, undefined]));
}

/**
 * The state to begin with where a receiver found that so many bits per second get through to it; undefined where they are
 * enough to begin as ever. It is that of a link on which the sound was broken, without the break.
 */
export function thinStart(bps: number, flows: readonly Flow[], now: number): BandwidthState | undefined {
  if (bps >= THIN_START) return undefined;
  const ceiling = ceilingBeside(bps, flows);
  const state = { ...UNLIMITED, ceiling, ceilingSince: now, forSound: true, patience: THIN_START_MS };
  return nextBandwidth(state, ceiling, flows, now);
}

/**
 * The next state where a receiver says how many bits per second it found to get through when tracks may run already. A later
 * look says more where it says more: one may fall on a packet that was lost. What the sound has shown since is not undone.
 */
export function afterMeasure(state: BandwidthState, bps: number, flows: readonly Flow[], now: number): BandwidthState {
  const isStart = state.forSound && state.patience === THIN_START_MS && state.drainUntil === -Infinity;
  if (state.ceiling !== 0 && !isStart) return state;
  const start = thinStart(bps, flows, now);
  if (start) return isStart && start.ceiling <= state.ceiling ? state : start;
  return isStart ? { ...UNLIMITED, trustUntil: now + TRUST_MS } : state;
}

/** The next state when sound is reported to be broken. It may have to be asked for again at {@link BandwidthState.drainUntil}. */
export function afterBrokenSound(
  state: BandwidthState,
  broken: Broken,
  estimate: number,
  flows: readonly Flow[],
  now: number,
): BandwidthState {
  const heard = { ...state, earlier: state.broken, broken: { ...broken, at: now } };
  return nextBandwidth(heard, estimate, flows, now);
}

/**
 * Lowers the ceiling where sound is broken and the link is known to be short. Else it stays: sound breaks at its sender's
 * end as well, and by loss that comes of no queue.
 */
function lowered(state: BandwidthState, estimate: number, flows: readonly Flow[], now: number): BandwidthState {
  const { broken, peak, ceiling } = state;
  if (now - broken.at > BROKEN_FOR_MS) return state;
  if (state.forSound && now - state.ceilingSince < SETTLE_MS) return state;
  const fell = now - peak.at <= FALL_WITHIN_MS && estimate <= peak.bps * FALL;
  const isKnown = state.forSound && now - state.ceilingSince < STILL_MS;
  if (!(fell || isKnown || overflows(state)) || broken.received > broken.sent * ARRIVES) return state;
  const most = Math.min(estimate, ceilingBeside(broken.received, flows), ceiling === 0 ? Infinity : ceiling * SAFE);
  return {
    ...state,
    broken: NOT_BROKEN,
    ceiling: Math.max(LEAST_CEILING, Math.round(most)),
    ceilingSince: now,
    forSound: true,
    trustUntil: -Infinity,
    patience: patienceOf(state, now),
    drainUntil: now - state.drainUntil < DRAIN_AGAIN_MS ? state.drainUntil : now + DRAIN_MS,
  };
}

function overflows({ broken, earlier }: BandwidthState): boolean {
  if (broken.received > broken.sent * OVERFLOW_ARRIVES) return false;
  const isSecond = broken.at - earlier.at <= BROKEN_FOR_MS && earlier.received <= earlier.sent * OVERFLOW_ARRIVES;
  return broken.lost >= OVERFLOW_LOSS || isSecond;
}

function patienceOf({ forSound, patience, ceilingSince }: BandwidthState, now: number): number {
  if (forSound) return patience;
  const isRelapse = now - ceilingSince < RELAPSE_MS;
  return isRelapse ? Math.min(patience * 2, LONGEST_PATIENCE_MS) : QUIET_MS;
}

/** What is left to video of what gets through, beside the sound. */
function ceilingBeside(bps: number, flows: readonly Flow[]): number {
  return Math.max(LEAST_CEILING, Math.round(bps * SAFE - soundOf(flows)));
}

/** What sound takes of the bandwidth, in bits per second. */
function soundOf(flows: readonly Flow[]): number {
  const count = (wanted: Source): number => flows.filter(({ source }) => source === wanted).length;
  return (
    count('screen-audio') * SOUND['screen-audio'] + Math.min(count('microphone'), VOICES_AT_ONCE) * SOUND.microphone
  );
}

function isCoarse({ coarse }: BandwidthState, ceiling: number, estimate: number): boolean {
  // The worker may tell what it found before it got the ceiling.
  return ceiling !== 0 && Math.min(estimate, ceiling) < COARSE * (coarse ? COARSE_MARGIN : 1);
}

function nextHeld(
  before: BandwidthState['held'],
  estimate: number,
  flows: readonly Flow[],
  now: number,
): BandwidthState['held'] {
  const held = new Map<string, number | undefined>();
  const count = (wanted: Source): number => flows.filter(({ source }) => source === wanted).length;
  let room = estimate - count('screen') * FLOOR.screen - soundOf(flows);
  const cameras = flows.filter(({ source }) => source === 'camera').toSorted((a, b) => b.priority - a.priority);
  // One video always goes on in its lowest layer: without any there is nothing by which the worker could find more bandwidth.
  const always = flows.some(({ source }) => source === 'screen') ? undefined : cameras[0]?.id;
  for (const { id } of cameras) {
    if (id === always) {
      room -= FLOOR.camera;
      continue;
    }
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
