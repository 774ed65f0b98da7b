import { expect, test } from 'vitest';
import { contentSecurityPolicy } from './headers.ts';

test('the policy lets in nothing foreign and nothing inline', () => {
  const policy = contentSecurityPolicy('meet.example:8443');
  expect(policy).toContain("default-src 'self';");
  expect(policy).toContain("connect-src 'self' ws://meet.example:8443 wss://meet.example:8443;");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
});

test('without a host it names none', () => {
  expect(contentSecurityPolicy(undefined)).toContain("connect-src 'self';");
});
