import { describe, expect, test } from 'vitest';
import { adminDe } from './admin.de.ts';
import { adminEn } from './admin.en.ts';
import { de } from './de.ts';
import { deLive } from './de-live.ts';
import { enLive } from './en-live.ts';
import { en } from './en.ts';
import { format, placeholders, type Message } from './format.ts';
import { pickLocale } from './index.ts';
import { watchDe } from './watch.de.ts';
import { watchEn } from './watch.en.ts';
import { recordingsDe } from './recordings.de.ts';
import { recordingsEn } from './recordings.en.ts';

const formsOf = (message: Message) => (typeof message === 'string' ? { text: message } : message);

describe.each<[string, Record<string, Message>, Record<string, Message>]>([
  ['of all pages', en, de],
  ['of the admin page', adminEn, adminDe],
  ['of the features', enLive, deLive],
  ['of the watch page', watchEn, watchDe],
  ['of the recordings', recordingsEn, recordingsDe],
])('the texts %s', (_which, english, german) => {
  test('have the same keys', () => {
    expect(Object.keys(german).toSorted()).toEqual(Object.keys(english).toSorted());
  });

  test.each(Object.keys(english))('%s has the same forms and placeholders in both', (key) => {
    const ours = formsOf(english[key] ?? '') as Record<string, string>;
    const theirs = formsOf(german[key] ?? '') as Record<string, string>;
    expect(Object.keys(theirs)).toEqual(Object.keys(ours));
    for (const [form, text] of Object.entries(ours)) {
      expect(text.trim()).not.toBe('');
      expect(theirs[form]?.trim()).not.toBe('');
      // One is often said in a word.
      if (form !== 'one') expect(placeholders(theirs[form] ?? '')).toEqual(placeholders(text));
    }
  });
});

test('plurals and numbers follow the language', () => {
  const message = { one: '{count} person', other: '{count} people' };
  expect(format(message, { count: 1 }, 'en')).toBe('1 person');
  expect(format(message, { count: 0 }, 'en')).toBe('0 people');
  expect(format('{n} Pakete', { n: 1234.5 }, 'de')).toBe('1.234,5 Pakete');
  expect(format('{a} {b}', { a: 'x' }, 'en')).toBe('x {b}');
});

test('the first language that we have is taken', () => {
  expect(pickLocale(['fr-FR', 'de-AT', 'en'])).toBe('de');
  expect(pickLocale(['', 'fr'])).toBe('en');
  expect(pickLocale([])).toBe('en');
});
