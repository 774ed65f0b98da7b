import { expect, test } from 'vitest';
import { causeOf, placeOf, relayFor, wayOf } from './relays.ts';

const SERVERS = [
  { urls: ['stun:192.0.2.1:3478'] },
  {
    urls: [
      'turn:192.0.2.1:3478?transport=udp',
      'turn:192.0.2.1:3478?transport=tcp',
      'turns:[2001:db8::1]:443?transport=tcp',
    ],
    username: 'u',
    credential: 'c',
  },
];

test('each way finds its address', () => {
  const url = (way: 'udp' | 'tcp' | 'tls') => relayFor(way, SERVERS)?.url;
  expect([url('udp'), url('tcp'), url('tls')]).toEqual(SERVERS[1]?.urls);
  expect(relayFor('udp', SERVERS)).toMatchObject({ username: 'u', credential: 'c' });
  expect(relayFor('udp', SERVERS.slice(0, 1))).toBeUndefined();
  expect(wayOf('turn:example.org')).toBe('udp');
});

test('addresses are taken apart', () => {
  expect(placeOf('turns:[2001:db8::1]:443?transport=tcp')).toEqual({ host: '[2001:db8::1]', port: 443 });
  expect(placeOf('turn:example.org')).toEqual({ host: 'example.org', port: 3478 });
  expect(placeOf('turns:example.org?transport=tcp')).toEqual({ host: 'example.org', port: 5349 });
});

test.each([
  [null, 'none'],
  [701, 'unreachable'],
  [401, 'refused'],
  [486, 'full'],
  [500, 'other'],
] as const)('code %s: %s', (code, cause) => {
  expect(causeOf({ ok: false, code, text: '' })).toBe(cause);
});
