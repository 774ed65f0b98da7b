import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { Command, Options } from '../command.ts';
import { CliError } from './cli-error.ts';

/** Options that every command has. */
export const COMMON = {
  server: { about: 'Address of the server; default: the one on this machine, or AMPHI_URL.', value: 'URL' },
  'key-file': {
    about: 'File that holds the API key; default: AMPHI_API_KEY, or the key of the server here.',
    value: 'FILE',
  },
  'data-dir': {
    about: "The data folder of the server on this machine; default: the checkout's, or AMPHI_DATA_DIR.",
    value: 'FOLDER',
  },
  json: { about: 'Prints JSON.' },
  help: { about: 'Prints this help.' },
} as const satisfies Options;

export type Parsed = {
  command: Command;
  args: string[];
  values: Record<string, string | string[] | boolean | undefined>;
  common: { server?: string; 'key-file'?: string; 'data-dir'?: string; json?: boolean; help?: boolean };
};

/** Finds the command that the words begin with, the one of most words first. */
export function findCommand(words: readonly string[], commands: readonly Command[]): Command | undefined {
  const text = `${words.join(' ')} `;
  return commands
    .filter(({ name }) => text.startsWith(`${name} `))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
}

/**
 * Reads the command line of a command, the words of its name left out.
 * @throws CliError in a sentence that names what is wrong.
 */
export function parseCommand(command: Command, line: readonly string[]): Parsed {
  const known: Options = { ...command.options, ...COMMON };
  const types: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, { value, list = false }] of Object.entries(known)) {
    types[name] = { type: value === undefined ? 'boolean' : 'string', multiple: list };
  }
  const { values, positionals: args } = read(command, line, types);
  for (const [name, { list }] of Object.entries(known)) {
    const given = values[name];
    if (list && Array.isArray(given)) values[name] = given.flatMap((entry) => String(entry).split(',')).filter(Boolean);
  }
  const needed = command.args.filter((name) => name.startsWith('<')).length;
  if (values.help !== true && (args.length < needed || args.length > command.args.length)) {
    throw new CliError(`Usage: ${usage(command)}`, 2);
  }
  return { command, args, values: values as Parsed['values'], common: values as Parsed['common'] };
}

export function usage({ name, args, options }: Command): string {
  return ['amphi', name, ...args, ...(Object.keys(options).length > 0 ? ['[options]'] : [])].join(' ');
}

function read(command: Command, line: readonly string[], options: NonNullable<ParseArgsConfig['options']>) {
  try {
    return parseArgs({ args: [...line], options, strict: true, allowPositionals: true });
  } catch (error) {
    // Node's first sentence says what; what follows advises on its own parser.
    const [sentence = ''] = (error as Error).message.split(/\.(\s|$)/);
    throw new CliError(`${sentence}. See: amphi ${command.name} --help`, 2);
  }
}
