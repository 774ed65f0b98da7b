import { expect, test } from 'vitest';
import { createAdminSessions } from './admin-sessions.ts';

const SECRET = 'a'.repeat(64);

test('the secret opens a session, and nothing else does', () => {
  const sessions = createAdminSessions(SECRET);
  const token = sessions.begin(SECRET);
  expect(sessions.knows(token)).toBe(true);
  expect(token).not.toContain(SECRET);
  for (const guess of ['', 'a'.repeat(63), `${SECRET}a`, '__proto__']) expect(sessions.begin(guess)).toBeUndefined();
  for (const guess of [undefined, '', SECRET, 'constructor']) expect(sessions.knows(guess)).toBe(false);
});

test('a session ends when it is ended, and by itself after half a day', () => {
  let now = 0;
  const sessions = createAdminSessions(SECRET, () => now);
  const [first, second] = [sessions.begin(SECRET), sessions.begin(SECRET)];
  sessions.end(first);
  expect([sessions.knows(first), sessions.knows(second)]).toEqual([false, true]);
  now = sessions.lifetimeSeconds * 1000 - 1;
  expect(sessions.knows(second)).toBe(true);
  now += 1;
  expect(sessions.knows(second)).toBe(false);
  expect(() => sessions.end(undefined)).not.toThrow();
});

test('there are never more than twenty', () => {
  const sessions = createAdminSessions(SECRET);
  const tokens = Array.from({ length: 21 }, () => sessions.begin(SECRET));
  expect(tokens.map((token) => sessions.knows(token))).toEqual([false, ...Array.from({ length: 20 }, () => true)]);
});
