import { expect, it } from 'vitest';
import { withAddresses } from './member-link.ts';

const candidate = {
  foundation: 'udpcandidate',
  priority: 1_076_558_079,
  address: '192.0.2.1',
  ip: '192.0.2.1',
  protocol: 'udp',
  port: 40_000,
  type: 'host',
} as const;

it('tells further addresses of the host after the first', () => {
  const all = withAddresses([candidate], ['192.0.2.1', '198.51.100.7', '2001:db8::1']);
  expect(all.map(({ address }) => address)).toEqual(['192.0.2.1', '198.51.100.7', '2001:db8::1']);
  expect(all.every(({ ip, address, port }) => ip === address && port === 40_000)).toBe(true);
  const priorities = all.map(({ priority }) => priority);
  expect(priorities).toEqual([...priorities].toSorted((a, b) => b - a));
  expect(new Set(priorities).size).toBe(3);
  expect(new Set(all.map(({ foundation }) => foundation)).size).toBe(3);
});

it('leaves the candidates alone when there is one address or none', () => {
  expect(withAddresses([candidate], [])).toEqual([candidate]);
  expect(withAddresses([candidate], ['192.0.2.1'])).toEqual([candidate]);
});
