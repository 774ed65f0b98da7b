import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SETTINGS } from './config/settings.ts';
import { generatedDocs } from './docs.ts';

test.each([...generatedDocs()])('%s is up to date (else run node server/src/docs.ts)', (path, text) => {
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('every setting is described, and nothing in the reference depends on the machine', () => {
  expect(SETTINGS.filter(({ schema }) => !schema.description).map(({ key }) => key)).toEqual([]);
  for (const text of generatedDocs().values()) expect(text).not.toContain(import.meta.dirname.split('/server/')[0]);
});
