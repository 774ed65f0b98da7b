import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';

function lines(log: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  log(createLogger('debug', { write: (line) => void (text += line) }));
  return text;
}

test('logs ids and reasons', () => {
  const text = lines((logger) => logger.info({ sessionId: 's-1', reason: 'left' }, 'session ended'));
  expect(JSON.parse(text)).toMatchObject({ level: 30, sessionId: 's-1', reason: 'left', msg: 'session ended' });
});

test.each([
  { token: 'hunter2' },
  { resume: { token: 'hunter2', seq: 0 } },
  { err: Object.assign(new Error('refused'), { auth: { pass: 'hunter2' } }) },
  { data: { password: 'hunter2' } },
  { request: { headers: { authorization: 'hunter2', cookie: 'hunter2' } } },
  { relay: { server: { credential: 'hunter2' } } },
  { room: { hostKey: 'hunter2' } },
])('keeps secrets out that come near it by mistake: %o', (details) => {
  const text = lines((logger) => logger.error(details, 'something failed'));
  expect(text).toContain('something failed');
  expect(text).not.toContain('hunter2');
});
