import { expect, test } from 'vitest';
import { placeholders } from '../format.ts';
import { de } from './de.ts';
import { en } from './en.ts';

test('both catalogs of the connection check say the same', () => {
  expect(Object.keys(de)).toEqual(Object.keys(en));
  for (const [key, text] of Object.entries(en)) {
    const german = de[key as keyof typeof en] as string;
    expect(german.trim(), key).not.toBe('');
    expect(placeholders(german), key).toEqual(placeholders(text));
  }
});
