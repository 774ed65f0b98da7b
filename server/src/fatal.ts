/** Why the server cannot start, in one sentence with the cure; printed without a stack. */
export class FatalError extends Error {
  override readonly name: string = 'FatalError';
  /** The exit code: 2 for a mistake in the configuration, else 1. */
  readonly exitCode: number = 1;
}

/** A setting that is refused; the message names its key and where it comes from. */
export class ConfigError extends FatalError {
  override readonly name = 'ConfigError';
  override readonly exitCode = 2;
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
