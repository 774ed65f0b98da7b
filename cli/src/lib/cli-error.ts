/** What a person can do something about: printed as a sentence, without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';
  /** 2: the command line is wrong; 1: it could not be done. */
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
