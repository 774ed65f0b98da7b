import { expect, test } from 'vitest';
import { fragmentOf, isRoomId, readRoomInput, suggestRoomId } from './room-input.ts';

test('names and links are read', () => {
  expect(readRoomInput(' team-sync ')).toBe('team-sync');
  expect(readRoomInput('Team Sync')).toBe('team-sync');
  expect(readRoomInput('https://meet.example.org/r/abc-def?x=1#y')).toBe('abc-def');
  expect(readRoomInput('meet.example.org/r/ABC-def')).toBe('abc-def');
});

test('what cannot be a room is refused', () => {
  for (const text of ['', 'ab', '  ', '!!!', 'https://meet.example.org/r/']) {
    const room = readRoomInput(text);
    expect(room === null || isRoomId(room), text).toBe(true);
  }
  expect(readRoomInput('ab')).toBeNull();
  expect(readRoomInput('!!!')).toBeNull();
});

test('suggestions keep to the allowed characters', () => {
  expect(suggestRoomId('Größe & Würde')).toBe('grosse-wurde');
  expect(suggestRoomId('--a__b--')).toBe('a-b');
  expect(suggestRoomId('x'.repeat(80))).toHaveLength(64);
});

test('a pasted host link keeps its key', () => {
  expect(fragmentOf(' https://meet.example.org/r/hall#host=abc ')).toBe('#host=abc');
  expect(fragmentOf('https://meet.example.org/r/hall?x=1#token=a.b')).toBe('#token=a.b');
  expect(fragmentOf('hall')).toBe('');
});
