/** Who is shown as the speaker, and since when (milliseconds). */
export type Dominant = { id: string | null; since: number };

/** For how long a speaker stays on the stage at least: shorter changes make people dizzy. */
export const HOLD_MS = 2000;

/**
 * The next state when the server says that `wanted` dominates. Silence changes nothing. Within the hold time the change
 * waits; `retryInMs` says for how long.
 */
export function holdDominant(
  current: Dominant,
  wanted: string | null,
  now: number,
): { next: Dominant; retryInMs: number | null } {
  if (wanted === null || wanted === current.id) return { next: current, retryInMs: null };
  const left = current.id === null ? 0 : current.since + HOLD_MS - now;
  if (left > 0) return { next: current, retryInMs: left };
  return { next: { id: wanted, since: now }, retryInMs: null };
}

/** The latest speakers, newest first, each once, at most `kept`. */
export function withSpeaker(recent: readonly string[], id: string, kept = 12): string[] {
  return recent[0] === id ? [...recent] : [id, ...recent.filter((other) => other !== id)].slice(0, kept);
}
