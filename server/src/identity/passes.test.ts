import { randomBytes } from 'node:crypto';
import type { PassClaims } from '@amphi/rooms';
import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { createPasses } from './passes.ts';

const key = randomBytes(32);
const passes = createPasses(key);
const pass: PassClaims = {
  room: 'lab',
  role: 'speaker',
  identity: 'user:1',
  name: 'Ada',
  exceptions: { grant: [], deny: [] },
  kind: 'pass',
};
const refused = expect.objectContaining({ code: 'unauthorized' });

describe('passes', () => {
  test('come back as they were issued, with the time', async () => {
    const claims = await passes.verify(await passes.issue({ ...pass, exceptions: { grant: [], deny: ['chat'] } }));
    expect(claims).toMatchObject({ ...pass, exceptions: { grant: [], deny: ['chat'] } });
    expect(Math.abs((claims.issuedAt ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test('are refused when they have expired, or another key signed them', async () => {
    await expect(passes.verify(await passes.issueFor(pass, -1))).rejects.toEqual(refused);
    await expect(passes.verify(await createPasses(randomBytes(32)).issue(pass))).rejects.toEqual(refused);
  });

  test.each(['', 'x', 'a.b.c', `${'e30'}.${'e30'}.`])('%j is no token', async (text) => {
    await expect(passes.verify(text)).rejects.toEqual(refused);
  });

  test('are refused with another algorithm, issuer or audience, unsigned, or changed', async () => {
    const [head = '', body = '', signature = ''] = (await passes.issue(pass)).split('.');
    const decoded = JSON.parse(Buffer.from(body, 'base64url').toString());
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const sign = (payload: object, alg = 'HS256') => new SignJWT({ ...payload }).setProtectedHeader({ alg }).sign(key);
    await expect(passes.verify(await sign(decoded))).resolves.toMatchObject({ role: 'speaker' });
    const forged = [
      await sign(decoded, 'HS512'),
      await sign({ ...decoded, iss: 'other' }),
      await sign({ ...decoded, aud: 'other' }),
      await sign({ ...decoded, role: 'recorder' }),
      await sign({ ...decoded, exp: undefined }),
      `${encode({ alg: 'none' })}.${body}.`,
      `${head}.${encode({ ...decoded, role: 'host' })}.${signature}`,
    ];
    for (const token of forged) await expect(passes.verify(token), token).rejects.toEqual(refused);
  });
});
