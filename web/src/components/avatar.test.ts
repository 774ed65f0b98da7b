import { expect, test } from 'vitest';
import { hueOf, initialsOf } from './avatar.tsx';

test('initials come from the first and the last word', () => {
  expect(initialsOf('Anna Maria Berg')).toBe('AB');
  expect(initialsOf(' élise ')).toBe('É');
  expect(initialsOf('🦊 Fuchs')).toBe('🦊F');
  expect(initialsOf('')).toBe('');
});

test('the same name has the same colour', () => {
  expect(hueOf('Anna')).toBe(hueOf('Anna'));
  const hues = new Set(['Anna', 'Ben', 'Cleo', 'Dev', 'Eva', 'Finn', 'Gül', 'Hana'].map((name) => hueOf(name)));
  expect(hues.size).toBeGreaterThan(3);
});
