import { randomBytes } from 'node:crypto';

/** An id of 96 random bits, in hex, so that on a command line it is never taken for an option. */
export function newId(): string {
  return randomBytes(12).toString('hex');
}
