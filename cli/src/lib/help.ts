import type { Command, Options } from '../command.ts';
import { COMMON, usage } from './parse.ts';

/** What `amphi` and `amphi --help` print. */
export function overview(commands: readonly Command[]): string {
  const lines = commands.map((command) => row([command.name, ...command.args].join(' '), command.about));
  return ['Usage: amphi <command> [options]', '', ...lines, '', 'Options of every command:', ...rows(COMMON), ''].join(
    '\n',
  );
}

/** What `amphi <command> --help` prints. */
export function helpOf(command: Command): string {
  const own = Object.keys(command.options).length > 0 ? ['', 'Options:', ...rows(command.options)] : [];
  return [
    `Usage: ${usage(command)}`,
    '',
    command.about,
    ...own,
    '',
    'Options of every command:',
    ...rows(COMMON),
    '',
  ].join('\n');
}

function rows(options: Options): string[] {
  return Object.entries(options).map(([name, { value, about }]) => row(`--${name}${value ? ` ${value}` : ''}`, about));
}

function row(left: string, right: string): string {
  return `  ${left.padEnd(34)} ${right}`;
}
