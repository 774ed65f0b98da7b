import type { Command } from '../command.ts';
import { rooms } from './rooms.ts';

/** Every command, in the order of the help. Another one is a file beside this and a line here. */
export const commands: readonly Command[] = [...rooms];
