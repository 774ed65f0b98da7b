import { expect, test } from 'vitest';
import { de } from './de.ts';
import { en } from './en.ts';
import { format, placeholders, type Message } from './format.ts';
import { pickLocale } from './index.ts';

const formsOf = (message: Message) => (typeof message === 'string' ? { text: message } : message);

test('both catalogs have the same keys', () => {
  expect(Object.keys(de).toSorted()).toEqual(Object.keys(en).toSorted());
});

test.each(Object.keys(en) as (keyof typeof en)[])('%s has the same forms and placeholders in both', (key) => {
  const english = formsOf(en[key]) as Record<string, string>;
  const german = formsOf(de[key]) as Record<string, string>;
  expect(Object.keys(german)).toEqual(Object.keys(english));
  for (const [form, text] of Object.entries(english)) {
    expect(text.trim()).not.toBe('');
    expect(german[form]?.trim()).not.toBe('');
    expect(placeholders(german[form] ?? '')).toEqual(placeholders(text));
  }
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
