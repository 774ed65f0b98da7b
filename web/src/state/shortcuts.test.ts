import { expect, test } from 'vitest';
import { actionFor } from './shortcuts.ts';

const stroke = (key: string, more = {}) => ({
  key,
  code: key === ' ' ? 'Space' : `Key${key.toUpperCase()}`,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

test('plain keys work outside of text only', () => {
  expect(actionFor(stroke('m'), 'page')).toBe('mute');
  expect(actionFor(stroke('V'), 'control')).toBe('camera');
  expect(actionFor(stroke('?', { shiftKey: true }), 'page')).toBe('help');
  expect(actionFor(stroke('m'), 'text')).toBeNull();
  expect(actionFor(stroke('x'), 'page')).toBeNull();
});

test('escape closes, also out of a text box', () => {
  expect(actionFor(stroke('Escape'), 'text')).toBe('close');
});

test('control or command with D and E work everywhere', () => {
  expect(actionFor(stroke('d', { ctrlKey: true }), 'text')).toBe('mute');
  expect(actionFor(stroke('e', { metaKey: true }), 'page')).toBe('camera');
  expect(actionFor(stroke('d', { ctrlKey: true, shiftKey: true }), 'page')).toBeNull();
  expect(actionFor(stroke('d', { altKey: true }), 'page')).toBeNull();
  expect(actionFor(stroke('c', { ctrlKey: true }), 'page')).toBeNull();
});

test('the space bar talks, but not on a button, which it presses', () => {
  expect(actionFor(stroke(' '), 'page')).toBe('talk');
  expect(actionFor(stroke(' '), 'control')).toBeNull();
  expect(actionFor(stroke(' '), 'text')).toBeNull();
});
