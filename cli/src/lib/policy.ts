import type { PolicyPatch } from '@amphi/protocol';
import type { Options, Values } from '../command.ts';
import { CliError } from './cli-error.ts';

/** Each is an option of `rooms create` and `rooms set`. */
const FLAGS = {
  direct: 'Connect two people browser to browser.',
  locked: 'Let nobody in any more.',
  lobby: 'Guests wait until a host lets them in.',
  'mute-on-entry': 'Microphones are off when people come in.',
  'allow-audio': 'Those below co-hosts may speak.',
  'allow-video': 'Those below co-hosts may show their camera.',
  'allow-screen': 'Those below co-hosts may share their screen.',
  'allow-chat': 'Those below co-hosts may write.',
} as const;

const flags = Object.fromEntries(
  Object.entries(FLAGS).map(([name, about]) => [name, { about, value: 'yes|no' }]),
) as unknown as Record<keyof typeof FLAGS, { about: string; value: string }>;

export const POLICY_OPTIONS = {
  ...flags,
  capacity: { about: 'Most people at once.', value: 'N' },
  'guest-role': { about: 'Role of those who come by the link: viewer, attendee, speaker.', value: 'ROLE' },
  recording: { about: 'Of a recording people are told, or asked, or there is never one.', value: 'tell|ask|never' },
  'recording-days': { about: 'Days until recordings are deleted; 0: as the server has it.', value: 'N' },
  'expires-in': { about: 'Hours until the room ends for good.', value: 'HOURS' },
  'password-file': { about: 'File with the password that guests need; empty: none.', value: 'FILE' },
} as const satisfies Options;

/**
 * The policy that options ask for; the server judges what is more than a form.
 * @throws CliError for what is no number, or neither yes nor no.
 */
export function policyOf(options: Values<typeof POLICY_OPTIONS>, readFile: (path: string) => string): PolicyPatch {
  const patch: Record<string, unknown> = {};
  for (const name of Object.keys(FLAGS) as (keyof typeof FLAGS)[]) {
    const value = options[name];
    if (value !== undefined) patch[camel(name)] = isYes(name, value);
  }
  if (options.capacity !== undefined) patch.capacity = number('capacity', options.capacity);
  if (options['guest-role'] !== undefined) patch.guestRole = options['guest-role'];
  if (options.recording !== undefined) patch.recording = options.recording;
  if (options['recording-days'] !== undefined) {
    patch.recordingDays = number('recording-days', options['recording-days']) || null;
  }
  if (options['expires-in'] !== undefined) {
    patch.expiresAt = Math.round(Date.now() + number('expires-in', options['expires-in']) * 3_600_000);
  }
  if (options['password-file'] !== undefined) {
    patch.password = readFile(options['password-file']).replace(/\r?\n$/, '') || null;
  }
  return patch as PolicyPatch;
}

export function number(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new CliError(`--${name} wants a number, not "${text}".`, 2);
  return value;
}

function isYes(name: string, text: string): boolean {
  if (/^(yes|true|on)$/i.test(text)) return true;
  if (/^(no|false|off)$/i.test(text)) return false;
  throw new CliError(`--${name} wants yes or no, not "${text}".`, 2);
}

function camel(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
