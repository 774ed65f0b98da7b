import { ERROR_CODES, leaveReason } from '@amphi/protocol';
import { expect, test } from 'vitest';
import { codeOf, endText, errorText } from './errors.ts';
import { en } from './i18n/en.ts';

test.each(ERROR_CODES)('the refusal %s has words of its own', (code) => {
  const error = Object.assign(new Error('for the log'), { code });
  expect(codeOf(error)).toBe(code);
  expect(errorText(error)).toBe(en[`error.${code}`]);
  expect(endText({ reason: code, message: '' })).toBe(en[`error.${code}`]);
});

test.each(leaveReason.options)('the end %s has words of its own', (reason) => {
  expect(endText({ reason, message: '' })).toBe(en[`end.${reason}`]);
});

test('anything else is taken for a network that is down', () => {
  expect(codeOf(new TypeError('fetch failed'))).toBeNull();
  expect(codeOf('text')).toBeNull();
  expect(errorText(Object.assign(new Error('x'), { code: 'ENOENT' }))).toBe(en['end.unreachable']);
  expect(endText({ reason: 'from-the-future' as 'lost', message: '' })).toBe(en['end.unknown']);
});
