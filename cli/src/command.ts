import type { ApiClient } from './lib/api-client.ts';
import type { Target } from './lib/target.ts';

/** An option of a command. Without `value` it is a switch. */
export type Option = {
  about: string;
  /** What stands for the value in the help: `NAME`. */
  value?: string;
  /** It may be given more than once, or with commas. */
  list?: boolean;
};
export type Options = Readonly<Record<string, Option>>;

/** What the options of a command are in `run`: undefined where they were not given. */
export type Values<O extends Options> = {
  readonly [K in keyof O]: O[K] extends { list: true } ? string[] : O[K] extends { value: string } ? string : boolean;
} extends infer All
  ? { readonly [K in keyof All]?: All[K] }
  : never;

/** What a command works with. */
export type Context = {
  /** Which server is meant. */
  readonly target: Target;
  /** The server's REST API. @throws CliError when there is no key for it. */
  readonly api: ApiClient;
  /** Whether `--json` was asked for. */
  readonly isJson: boolean;
  /** Says the result: `value` as JSON with `--json`, else the text. */
  print(value: unknown, text: string): void;
  /** Writes to standard output as it is. */
  write(text: string): void;
};

/** One thing that `amphi` does. */
export type Command<O extends Options = Options> = {
  /** The words after `amphi`: `rooms create`. */
  name: string;
  /** One sentence for the help. */
  about: string;
  /** Names of the positional arguments: `<room>` has to be there, `[room]` may. */
  args: readonly string[];
  options: O;
  /** Answers the exit code; nothing is 0. Throws CliError for what a person can do something about. */
  run(context: Context, args: readonly string[], options: Values<O>): Promise<number | void>;
};

/** Declares a command; types of the options follow from their declarations. */
export function defineCommand<const O extends Options>(command: Command<O>): Command {
  // Only options that the parser has made by the same declarations get to `run`.
  return command as unknown as Command;
}
