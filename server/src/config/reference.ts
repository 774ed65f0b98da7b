import { SETTINGS, type Setting } from './settings.ts';

/** What `--help` prints. */
export function help(): string {
  const lines = SETTINGS.map((setting) => `  ${setting.flag.padEnd(36)} ${plain(setting.schema.description ?? '')}`);
  return [
    'Usage: npm start -- [options]',
    '',
    'Every option is also an environment variable (--media-port: AMPHI_MEDIA_PORT) and a key of the configuration file.',
    '',
    `  ${'--config'.padEnd(36)} The configuration file, JSON; default amphi.json in the data folder.`,
    ...lines,
    '',
  ].join('\n');
}

/** docs/configuration.md */
export function configurationReference(): string {
  return `# Configuration

Amphi runs without any. A setting comes from the command line, else from the environment, else from the configuration
file, else from its default. The file is JSON: \`amphi.json\` in the data folder where there is one, or what \`--config\` or
\`AMPHI_CONFIG\` names; keys with a dot are nested (\`media.port\` is \`{"media": {"port": 44400}}\`), and relative paths in it
are relative to it. Lists are separated by commas in the environment and on the command line. An unknown setting or a bad
value is refused in a sentence that names it, with exit code 2.

This page is made from the schema by \`node server/src/docs.ts\`.

${SETTINGS.map(entry).join('\n')}`;
}

function entry(setting: Setting): string {
  const { schema } = setting;
  const facts = [`\`${setting.env}\``, `\`${setting.flag}\``, ...range(setting), `default: ${shownDefault(setting)}`];
  return `## ${setting.key}\n\n${schema.description ?? ''}\n\n${facts.join(' · ')}\n`;
}

function range({ schema, type }: Setting): string[] {
  const choices = schema.enum ?? schema.items?.enum;
  if (choices) return [choices.map((choice) => `\`${choice}\``).join(', ')];
  if (type !== 'number') return [];
  const { minimum, maximum = Number.MAX_SAFE_INTEGER } = schema;
  if (minimum === undefined) return [];
  return [maximum === Number.MAX_SAFE_INTEGER ? `from ${minimum}` : `${minimum} to ${maximum}`];
}

function shownDefault({ schema }: Setting): string {
  if (schema.shownDefault !== undefined) return schema.shownDefault;
  if (schema.default === undefined || (Array.isArray(schema.default) && schema.default.length === 0)) return 'none';
  return `\`${Array.isArray(schema.default) ? schema.default.join(',') : String(schema.default)}\``;
}

function plain(text: string): string {
  return text.replaceAll('`', '');
}
