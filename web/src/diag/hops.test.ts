import { expect, test } from 'vitest';
import { freshHops, HOP_IDS, type HopId, type Hops, type HopState, verdictOf } from './hops.ts';

function hops(changes: Partial<Record<HopId, HopState>> = {}): Hops {
  const all = Object.fromEntries(HOP_IDS.map((id) => [id, { state: 'ok' }])) as Record<HopId, { state: HopState }>;
  for (const [id, state] of Object.entries(changes)) all[id as HopId] = { state };
  return all;
}

test('it goes on until the last step is done', () => {
  expect(verdictOf(freshHops())).toBe('running');
  expect(verdictOf(hops({ loopback: 'running' }))).toBe('running');
});

test.each([
  ['ok', {}],
  ['ok', { 'turn-udp': 'skipped', 'turn-tcp': 'skipped', 'turn-tls': 'skipped', relay: 'skipped' }],
  ['ok', { tcp: 'warn' }],
  ['detour', { udp: 'warn' }],
  ['detour', { udp: 'warn', tcp: 'warn' }],
  ['limited', { camera: 'failed' }],
  ['limited', { loopback: 'warn' }],
  ['limited', { socket: 'warn' }],
  ['failed', { udp: 'failed', tcp: 'failed', relay: 'skipped' }],
  ['failed', { server: 'failed' }],
  ['failed', { secure: 'failed' }],
] as const)('%s: %o', (verdict, changes) => {
  expect(verdictOf(hops(changes))).toBe(verdict);
});
