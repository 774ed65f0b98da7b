import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createSite } from './site.ts';

function request(headers: Record<string, string>, encrypted = false) {
  return { headers, socket: { encrypted } } as unknown as IncomingMessage;
}

describe('site', () => {
  const own = createSite({ allowedOrigins: ['https://partner.example'], trustProxy: 0 });

  test.each([
    ['a program without origin', undefined, true],
    ['its own page', 'http://meet.local:3000', true],
    ['its own page behind a proxy with TLS', 'https://meet.local:3000', true],
    ['an allowed site', 'https://partner.example', true],
    ['another site', 'https://evil.example', false],
    ['another port', 'http://meet.local:3001', false],
    ['a page without origin', 'null', false],
  ])('%s', (_who, origin, allowed) => {
    const headers = { host: 'meet.local:3000', ...(origin === undefined ? {} : { origin }) };
    expect(own.allows(request(headers))).toBe(allowed);
  });

  test('gives out links to where it was asked, or to its public address', () => {
    expect(own.origin(request({ host: 'meet.local:3000' }))).toBe('http://meet.local:3000');
    expect(own.origin(request({ host: 'meet.local' }, true))).toBe('https://meet.local');
    const site = createSite({ publicUrl: 'https://meet.example.org', allowedOrigins: [], trustProxy: 0 });
    expect(site.origin(request({ host: 'localhost:3000' }))).toBe('https://meet.example.org');
    expect(site.allows(request({ host: 'localhost', origin: 'https://meet.example.org' }))).toBe(true);
  });

  test('believes X-Forwarded headers only from a proxy of ours', () => {
    const headers = { host: 'inner:3000', 'x-forwarded-host': 'meet.example', 'x-forwarded-proto': 'https' };
    expect(own.origin(request(headers))).toBe('http://inner:3000');
    expect(createSite({ allowedOrigins: [], trustProxy: 1 }).origin(request(headers))).toBe('https://meet.example');
  });

  test('passes no malformed host on', () => {
    expect(own.host(request({ host: "x; script-src 'unsafe-inline'" }))).toBeUndefined();
    expect(own.host(request({}))).toBeUndefined();
    expect(own.host(request({ host: '[2001:DB8::1]:8443' }))).toBe('[2001:db8::1]:8443');
  });
});
