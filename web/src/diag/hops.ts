/** What is tried, in the order in which it is shown. */
export const GROUPS = {
  server: ['secure', 'server', 'socket'],
  media: ['address', 'udp', 'tcp'],
  relay: ['turn-udp', 'turn-tcp', 'turn-tls', 'relay'],
  device: ['microphone', 'camera'],
  quality: ['loopback'],
} as const;

export type GroupName = keyof typeof GROUPS;
export type HopId = (typeof GROUPS)[GroupName][number];

export type HopState = 'waiting' | 'running' | 'ok' | 'warn' | 'failed' | 'skipped';

/** One step of the way and what came of it: what was found, and what to do about it, in words. */
export type Hop = { state: HopState; found?: string; cure?: string };
export type Hops = Readonly<Record<HopId, Hop>>;

export const HOP_IDS: readonly HopId[] = Object.values(GROUPS).flat();

export function freshHops(): Hops {
  return Object.fromEntries(HOP_IDS.map((id) => [id, { state: 'waiting' }])) as Record<HopId, Hop>;
}

export type Verdict = 'running' | 'ok' | 'detour' | 'limited' | 'failed';

const MUST: readonly HopId[] = ['secure', 'server', 'socket'];
const WAYS: readonly HopId[] = ['udp', 'tcp', 'relay'];

/** What all of it means for a call from here. */
export function verdictOf(hops: Hops): Verdict {
  const is = (id: HopId, ...states: HopState[]) => states.includes(hops[id].state);
  if (HOP_IDS.some((id) => is(id, 'waiting', 'running'))) return 'running';
  if (MUST.some((id) => is(id, 'failed')) || !WAYS.some((id) => is(id, 'ok'))) return 'failed';
  const noted = (ids: readonly HopId[]) => ids.some((id) => is(id, 'warn', 'failed'));
  if (noted(['socket', 'microphone', 'camera', 'loopback'])) return 'limited';
  if (!is('udp', 'ok')) return 'detour';
  // What is closed beside an open UDP is not needed here; others may need it, and it is marked all the same.
  return 'ok';
}
