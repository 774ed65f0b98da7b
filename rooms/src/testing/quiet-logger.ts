import type { Logger } from '../logger.ts';

/** A logger that keeps the messages of errors. */
export function quietLogger(): Logger & { errors: string[] } {
  const errors: string[] = [];
  const nothing = () => {};
  return {
    errors,
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: (_details, message) => void errors.push(message),
  };
}
