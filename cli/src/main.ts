import type { Command, Context } from './command.ts';
import { commands } from './commands/index.ts';
import { createApiClient } from './lib/api-client.ts';
import { CliError } from './lib/cli-error.ts';
import { helpOf, overview } from './lib/help.ts';
import { findCommand, parseCommand, type Parsed } from './lib/parse.ts';
import { findTarget, trust } from './lib/target.ts';

export type Io = {
  env: Readonly<Record<string, string | undefined>>;
  out(text: string): void;
  err(text: string): void;
};

const PROCESS: Io = {
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};

/** Performs a command line; resolves to the exit code: 0, 1 when it could not be done, 2 when it cannot be understood. */
export async function main(line: readonly string[], io: Io = PROCESS): Promise<number> {
  try {
    const command = findCommand(line, commands);
    if (!command) return refuse(line, io);
    const parsed = parseCommand(command, line.slice(command.name.split(' ').length));
    if (parsed.common.help) {
      io.out(helpOf(command));
      return 0;
    }
    return (await command.run(contextOf(parsed, io), parsed.args, parsed.values as never)) ?? 0;
  } catch (error) {
    // Anything else is a mistake of ours, and its stack is what helps.
    if (!(error instanceof CliError)) throw error;
    io.err(`${error.message}\n`);
    return error.exitCode;
  }
}

function contextOf({ common }: Parsed, io: Io): Context {
  const { server, 'key-file': keyFile, 'data-dir': dataDir, json = false } = common;
  const named = {
    ...(server === undefined ? {} : { server }),
    ...(keyFile === undefined ? {} : { keyFile }),
    ...(dataDir === undefined ? {} : { dataDir }),
  };
  const target = findTarget(named, io.env);
  trust(target);
  let api: Context['api'] | undefined;
  return {
    target,
    get api() {
      return (api ??= createApiClient(target));
    },
    isJson: json,
    print: (value, text) => io.out(`${json ? JSON.stringify(value, null, 2) : text}\n`),
    write: (text) => io.out(text),
  };
}

function refuse(line: readonly string[], io: Io): number {
  const words = line.filter((word) => !word.startsWith('-'));
  if (words.length === 0) {
    const isAsked = line.includes('--help') || line.length === 0;
    (isAsked ? io.out : io.err)(overview(commands));
    return isAsked ? 0 : 2;
  }
  const siblings = commands.filter((command: Command) => command.name.split(' ')[0] === words[0]);
  const hint =
    siblings.length > 0 ? `There is: ${siblings.map(({ name }) => `amphi ${name}`).join(', ')}.` : 'See: amphi --help';
  io.err(`"amphi ${words.slice(0, 2).join(' ')}" is no command. ${hint}\n`);
  return 2;
}
