import type { Command } from '../command.ts';
import { audit } from './audit.ts';
import { doctor } from './doctor.ts';
import { keys } from './keys.ts';
import { members } from './members.ts';
import { recordings } from './recordings.ts';
import { rooms } from './rooms.ts';
import { tokens } from './tokens.ts';
import { webhooks } from './webhooks.ts';

/** Every command, in the order of the help. Another one is a file beside this and a line here. */
export const commands: readonly Command[] = [
  ...rooms,
  ...members,
  ...recordings,
  ...tokens,
  ...keys,
  ...webhooks,
  ...audit,
  ...doctor,
];
