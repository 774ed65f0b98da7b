import { describe, expect, test } from 'vitest';
import { defineCommand } from '../command.ts';
import { commands } from '../commands/index.ts';
import { findCommand, parseCommand } from './parse.ts';
import { policyOf } from './policy.ts';
import { printable, table } from './table.ts';

const paint = defineCommand({
  name: 'wall paint',
  about: '',
  args: ['<wall>', '[side]'],
  options: {
    colour: { about: '', value: 'NAME' },
    brush: { about: '', value: 'NAMES', list: true },
    wet: { about: '' },
  },
  run: async () => undefined,
});

describe('the command line', () => {
  test('is read into arguments and options', () => {
    const { args, values, common } = parseCommand(paint, [
      ...['north', '--colour=red', '--brush', 'a,b', '--brush', 'c', '--wet', '--json'],
    ]);
    expect(args).toEqual(['north']);
    expect(values).toMatchObject({ colour: 'red', brush: ['a', 'b', 'c'], wet: true });
    expect(common.json).toBe(true);
  });

  test.each([
    [[], 'Usage: amphi wall paint <wall> [side] [options]'],
    [['a', 'b', 'c'], 'Usage: amphi wall paint'],
    [['a', '--color', 'red'], "Unknown option '--color'"],
    [['a', '--colour'], '--colour'],
  ])('%j is refused in a sentence, with exit code 2', (line, sentence) => {
    const refused = () => parseCommand(paint, line);
    expect(refused).toThrow(sentence);
    expect(refused).toThrow(expect.objectContaining({ exitCode: 2 }));
  });

  test('names the command of most words', () => {
    expect(findCommand(['audit', 'export'], commands)?.name).toBe('audit export');
    expect(findCommand(['audit', '--room', 'x'], commands)?.name).toBe('audit');
    expect(findCommand(['auditor'], commands)).toBeUndefined();
    expect(findCommand(['rooms'], commands)).toBeUndefined();
  });

  test('no two commands have a name', () => {
    expect(new Set(commands.map(({ name }) => name)).size).toBe(commands.length);
  });
});

describe('a policy', () => {
  const read = () => 'open sesame\n';

  test('is put together from options', () => {
    const options = { 'allow-screen': 'no', lobby: 'yes', capacity: '7', 'guest-role': 'viewer', 'password-file': 'x' };
    const patch = { allowScreen: false, lobby: true, capacity: 7, guestRole: 'viewer', password: 'open sesame' };
    expect(policyOf(options, read)).toEqual(patch);
    expect(policyOf({ 'password-file': 'x' }, () => '')).toEqual({ password: null });
    const { expiresAt } = policyOf({ 'expires-in': '2' }, read);
    expect(Math.abs((expiresAt ?? 0) - Date.now() - 7_200_000)).toBeLessThan(60_000);
  });

  test.each([[{ lobby: 'perhaps' }], [{ capacity: 'many' }], [{ 'expires-in': '' }]])('%j is refused', (options) => {
    expect(() => policyOf(options, read)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});

test('what strangers call themselves does not steer the terminal', () => {
  expect(printable('a\u001b[31mb\u202ec\n')).toBe('a·[31mb·c·');
  expect(
    table(
      ['A', 'B'],
      [
        ['x', '\u0007'],
        ['long', 'y'],
      ],
    ),
  ).toBe('A     B\nx     ·\nlong  y');
});
