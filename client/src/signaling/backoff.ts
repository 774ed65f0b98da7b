import type { ErrorCode } from '@amphi/protocol';

/** The wait in milliseconds before attempt `attempt` (from 0) to reconnect: 0.2 s, growing to 1 s, spread by a fifth. */
export function reconnectDelay(attempt: number, random: number = Math.random()): number {
  const base = Math.min(1000, 200 * 1.4 ** attempt);
  return Math.max(200, Math.round(base * (0.8 + 0.4 * random)));
}

const TEMPORARY: ReadonlySet<ErrorCode> = new Set(['draining', 'rate-limited', 'internal', 'media-unavailable']);

/** Whether a server that refuses with this code may accept the same later. */
export function isTemporary(code: ErrorCode): boolean {
  return TEMPORARY.has(code);
}
