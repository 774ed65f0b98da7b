import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { z } from 'zod';
import { ConfigError, messageOf } from '../fatal.ts';
import { type Config, configSchema } from './schema.ts';
import { parseText, type Setting, SETTINGS } from './settings.ts';
import { suggestion } from './suggestion.ts';

/** Names in the environment that begin like settings and belong to others: the command line, the set-up and the tests. */
const FOREIGN = new Set([
  'AMPHI_URL',
  'AMPHI_API_KEY',
  'AMPHI_CONFIG',
  'AMPHI_WORKER',
  'AMPHI_CHROMIUM',
  'AMPHI_NETNS',
]);

/** Settings that are paths: relative ones in the file are relative to it. */
const PATHS = new Set(['dataDir', 'tls.cert', 'tls.key', 'turn.cert', 'turn.key', 'media.workerBin']);

/** Where a value was said, in words. */
type Source = string;
type Layer = { values: Map<string, unknown>; source: (setting: Setting) => Source };

/**
 * Puts the configuration together: defaults, then the file, then the environment, then the command line.
 * @throws ConfigError in one sentence, for an unknown setting or a bad value, naming the key and its source.
 */
export function loadConfig(options: { args: readonly string[]; env: Record<string, string | undefined> }): Config {
  const { flags, configPath: flaggedPath } = readFlags(options.args);
  const environment = readEnvironment(options.env);
  const early = merge([environment, flags]);
  const asked = flaggedPath ?? options.env.AMPHI_CONFIG;
  const dataDir = early.raw.dataDir ?? configSchema.shape.dataDir.parse(undefined);
  const file = asked ? resolve(asked) : join(String(dataDir), 'amphi.json');
  if (asked && !existsSync(file)) throw new ConfigError(`The configuration file ${file} does not exist.`);
  const layers = existsSync(file) ? [readFile(file), environment, flags] : [environment, flags];
  const { raw, sources } = merge(layers);
  return validate(raw, sources);
}

function readFlags(args: readonly string[]): { flags: Layer; configPath: string | undefined } {
  const types: NonNullable<ParseArgsConfig['options']> = { config: { type: 'string' } };
  for (const { flag, type } of SETTINGS) types[flag.slice(2)] = { type: type === 'boolean' ? 'boolean' : 'string' };
  // `--room-direct=false` has to work as well, which node's parser refuses for booleans.
  const plain = args.flatMap((arg) => splitBoolean(arg));
  let parsed: Record<string, unknown>;
  try {
    parsed = parseArgs({ args: plain, options: types, strict: true, allowNegative: true }).values;
  } catch (error) {
    const [unknown] = /--[\w-]+/.exec(messageOf(error)) ?? [];
    if (unknown === undefined) throw new ConfigError(`The command line cannot be read: ${messageOf(error)}.`);
    const known = unknown in types || SETTINGS.some(({ flag }) => flag === unknown);
    throw new ConfigError(
      known
        ? `The option ${unknown} needs a value.`
        : `Unknown option ${unknown}${suggestion(unknown, [...SETTINGS.map(({ flag }) => flag), '--config'])}.`,
    );
  }
  const values = new Map<string, unknown>();
  for (const setting of SETTINGS) {
    const value = parsed[setting.flag.slice(2)];
    if (value !== undefined) values.set(setting.key, typeof value === 'string' ? parseText(setting, value) : value);
  }
  const configPath = parsed.config === undefined ? undefined : String(parsed.config);
  return { flags: { values, source: ({ flag }) => `option ${flag}` }, configPath };
}

function splitBoolean(arg: string): string[] {
  const [name, value] = arg.split('=', 2);
  const setting = SETTINGS.find(({ flag, type }) => flag === name && type === 'boolean');
  if (!setting || value === undefined) return [arg];
  const parsed = parseText(setting, value);
  if (typeof parsed !== 'boolean')
    throw new ConfigError(`The setting "${setting.key}" (option ${name}) is refused: expected true or false.`);
  return [parsed ? setting.flag : `--no-${setting.flag.slice(2)}`];
}

function readEnvironment(env: Record<string, string | undefined>): Layer {
  const values = new Map<string, unknown>();
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('AMPHI_') || FOREIGN.has(name) || text === undefined || text === '') continue;
    const setting = SETTINGS.find((candidate) => candidate.env === name);
    if (!setting) {
      const names = SETTINGS.map((candidate) => candidate.env);
      throw new ConfigError(`Unknown setting ${name} in the environment${suggestion(name, names)}.`);
    }
    values.set(setting.key, parseText(setting, text));
  }
  return { values, source: ({ env: name }) => `environment variable ${name}` };
}

function readFile(file: string): Layer {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError(`The configuration file ${file} cannot be read: ${messageOf(error)}.`);
  }
  if (!isObject(content)) throw new ConfigError(`The configuration file ${file} must hold a JSON object.`);
  const values = new Map<string, unknown>();
  for (const [key, value] of flatten(content, '')) {
    if (!SETTINGS.some((setting) => setting.key === key)) {
      const keys = SETTINGS.map((setting) => setting.key);
      throw new ConfigError(`Unknown setting "${key}" in ${file}${suggestion(key, keys)}.`);
    }
    const isPath = PATHS.has(key) && typeof value === 'string';
    values.set(key, isPath ? resolve(dirname(file), value) : value);
  }
  return { values, source: () => `file ${file}` };
}

/** Keys with their values, `media.port` for nested ones; what is no group stays whole. */
function flatten(group: Record<string, unknown>, prefix: string): [string, unknown][] {
  return Object.entries(group).flatMap(([name, value]) => {
    const key = prefix + name;
    const isGroup = SETTINGS.some((setting) => setting.key.startsWith(`${key}.`));
    return isGroup && isObject(value) ? flatten(value, `${key}.`) : [[key, value] as [string, unknown]];
  });
}

/** Later layers win. */
function merge(layers: readonly Layer[]): { raw: Record<string, unknown>; sources: Map<string, Source> } {
  const raw: Record<string, unknown> = {};
  const sources = new Map<string, Source>();
  for (const setting of SETTINGS) {
    const layer = layers.findLast(({ values }) => values.has(setting.key));
    if (!layer) continue;
    const [group = '', name] = setting.path;
    const value = layer.values.get(setting.key);
    sources.set(setting.key, layer.source(setting));
    if (name === undefined) raw[group] = value;
    else raw[group] = { ...(raw[group] as object | undefined), [name]: value };
  }
  return { raw, sources };
}

function validate(raw: Record<string, unknown>, sources: Map<string, Source>): Config {
  const parsed = configSchema.safeParse(raw);
  if (parsed.success) return { ...parsed.data, dataDir: resolve(parsed.data.dataDir) };
  throw new ConfigError(parsed.error.issues.map((issue) => describe(issue, sources))[0] ?? parsed.error.message);
}

function describe(issue: z.core.$ZodIssue, sources: Map<string, Source>): string {
  const full = issue.path.join('.');
  const setting = SETTINGS.find(({ key }) => full === key || full.startsWith(`${key}.`));
  const key = setting?.key ?? full;
  const where = sources.get(key) ?? 'default';
  const what = issue.message.replace(/^Invalid (input|option): /, '');
  return `The setting "${key}" (${where}) is refused: ${what}.`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
