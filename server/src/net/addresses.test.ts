import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { addressKey, clientAddress, isLocalRequest, isLoopback, urlHost } from './addresses.ts';

function request(remoteAddress: string, forwarded?: string) {
  return { socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } } as unknown as IncomingMessage;
}

test.each([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['::ffff:127.0.0.1', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['192.168.1.2', false],
  ['1270.example.org', false],
])('%s is loopback: %s', (host, loopback) => {
  expect(isLoopback(host)).toBe(loopback);
});

test('an IPv6 address in a URL has brackets', () => {
  expect([urlHost('::1'), urlHost('10.0.0.1'), urlHost('example.org')]).toEqual(['[::1]', '10.0.0.1', 'example.org']);
});

test('X-Forwarded-For counts only as far as the proxies are ours', () => {
  const spoofed = '203.0.113.1, 198.51.100.2, 10.0.0.5';
  expect(clientAddress(request('::ffff:10.0.0.9', spoofed), 0)).toBe('10.0.0.9');
  expect(clientAddress(request('10.0.0.9', spoofed), 1)).toBe('10.0.0.5');
  expect(clientAddress(request('10.0.0.9', spoofed), 2)).toBe('198.51.100.2');
  expect(clientAddress(request('10.0.0.9', spoofed), 9)).toBe('203.0.113.1');
  expect(clientAddress(request('10.0.0.9', 'nonsense'), 1)).toBe('10.0.0.9');
  expect(clientAddress(request('10.0.0.9'), 1)).toBe('10.0.0.9');
});

test('what stands at the trusted hop is taken for what it is, and no other in its place', () => {
  // A proxy that writes no address must not make the one before it count, which the client wrote.
  expect(clientAddress(request('10.0.0.9', '203.0.113.1, unknown'), 1)).toBe('10.0.0.9');
  expect(clientAddress(request('10.0.0.9', '203.0.113.1, 198.51.100.2:4711'), 1)).toBe('198.51.100.2');
  expect(clientAddress(request('10.0.0.9', '203.0.113.1, [2001:db8::2]:4711'), 1)).toBe('2001:db8::2');
  expect(clientAddress(request('10.0.0.9', '::ffff:198.51.100.2'), 1)).toBe('198.51.100.2');
});

test('local is who is on this machine, and not behind a proxy on it', () => {
  expect(isLocalRequest(request('127.0.0.1'), 0)).toBe(true);
  expect(isLocalRequest(request('198.51.100.2'), 0)).toBe(false);
  expect(isLocalRequest(request('127.0.0.1', '198.51.100.2'), 0)).toBe(false);
  expect(isLocalRequest(request('127.0.0.1', '127.0.0.1'), 0)).toBe(false);
  expect(isLocalRequest(request('127.0.0.1', '198.51.100.2'), 1)).toBe(false);
  expect(isLocalRequest(request('198.51.100.2', '127.0.0.1'), 0)).toBe(false);
});

test('limits count an IPv6 /64 as one', () => {
  expect(addressKey('192.0.2.1')).toBe('192.0.2.1');
  const same = ['2001:db8::1', '2001:0db8:0:0:ffff::2', '2001:DB8:0:0:1:2:3:4', '2001:db8::%eth0'].map(addressKey);
  expect(new Set(same)).toEqual(new Set(['2001:db8:0:0::/64']));
  expect(addressKey('2001:db8:0:1::1')).toBe('2001:db8:0:1::/64');
  expect(addressKey('::1')).toBe('0:0:0:0::/64');
});
