import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { createSite } from '../net/site.ts';
import { contentSecurityPolicy, createSecurityHeaders } from './headers.ts';

const request = { headers: { host: 'meet.example' }, socket: {} } as unknown as IncomingMessage;
const site = createSite({ allowedOrigins: [], trustProxy: 0 });

test('the policy lets in nothing foreign and nothing inline', () => {
  const policy = contentSecurityPolicy('meet.example:8443');
  expect(policy).toContain("default-src 'none';");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("style-src 'self';");
  expect(policy).toContain("connect-src 'self' ws://meet.example:8443 wss://meet.example:8443;");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
});

test('without a host it names none', () => {
  expect(contentSecurityPolicy(undefined)).toContain("connect-src 'self';");
});

test('nobody may show the pages in a frame but those who are named', () => {
  const headersFor = createSecurityHeaders({ site, embedOrigins: [], strictTransport: () => false });
  expect(headersFor(request)).toMatchObject({
    'Content-Security-Policy': expect.stringMatching(/frame-ancestors 'none'$/),
    'X-Frame-Options': 'DENY',
  });
  const embedOrigins = ['https://intranet.example', 'https://school.example'];
  const embedded = createSecurityHeaders({ site, embedOrigins, strictTransport: () => false })(request);
  expect(embedded['Content-Security-Policy']).toMatch(
    /frame-ancestors 'self' https:\/\/intranet\.example https:\/\/school\.example$/,
  );
  expect(embedded['X-Frame-Options']).toBeUndefined();
});

test('browsers are held to TLS only where it will stay', () => {
  const headersFor = (strict: boolean) =>
    createSecurityHeaders({ site, embedOrigins: [], strictTransport: () => strict })(request);
  expect(headersFor(true)['Strict-Transport-Security']).toBe('max-age=31536000');
  expect(headersFor(false)['Strict-Transport-Security']).toBeUndefined();
});
