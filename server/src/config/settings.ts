import { z } from 'zod';
import { configSchema } from './schema.ts';

/** One setting as the outside sees it. */
export type Setting = {
  /** `media.port` */
  key: string;
  path: string[];
  /** `AMPHI_MEDIA_PORT` */
  env: string;
  /** `--media-port` */
  flag: string;
  type: 'string' | 'number' | 'boolean' | 'list' | 'json';
  schema: JsonSchema;
};

export type JsonSchema = {
  type?: string;
  description?: string;
  default?: unknown;
  /** In place of a default that depends on the machine. */
  shownDefault?: string;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  enum?: string[];
  minimum?: number;
  maximum?: number;
};

/** Every setting, in the order of the schema; names for environment and command line follow from the key. */
export const SETTINGS: readonly Setting[] = collect(z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchema, []);

function collect(schema: JsonSchema, path: string[]): Setting[] {
  if (schema.properties) {
    return Object.entries(schema.properties).flatMap(([name, child]) => collect(child, [...path, name]));
  }
  const words = path.flatMap((name) => name.split(/(?=[A-Z])/)).map((word) => word.toLowerCase());
  return [
    {
      key: path.join('.'),
      path,
      env: `AMPHI_${words.join('_').toUpperCase()}`,
      flag: `--${words.join('-')}`,
      type: typeOf(schema),
      schema,
    },
  ];
}

function typeOf(schema: JsonSchema): Setting['type'] {
  if (schema.type === 'array') return schema.items?.type === 'object' ? 'json' : 'list';
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  return schema.type === 'boolean' ? 'boolean' : 'string';
}

/** Reads a setting's text from the environment or the command line. What cannot be read stays text, for the schema to refuse. */
export function parseText(setting: Setting, text: string): unknown {
  switch (setting.type) {
    case 'string':
      return text;
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    case 'boolean':
      if (/^(true|yes|on|1)$/i.test(text)) return true;
      return /^(false|no|off|0)$/i.test(text) ? false : text;
    case 'list':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    case 'json':
      return parseJson(text) ?? text;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
