import type { ErrorBody, ErrorCode } from './errors.ts';

/** A refusal, thrown on the server and thrown again, as received, by the client. */
export class AmphiError extends Error {
  readonly code: ErrorCode;
  readonly path: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, extra: { path?: string; retryAfterMs?: number } = {}) {
    super(message);
    this.name = 'AmphiError';
    this.code = code;
    this.path = extra.path;
    this.retryAfterMs = extra.retryAfterMs;
  }

  /** The form in which the error travels. */
  toBody(): ErrorBody {
    const body: ErrorBody = { code: this.code, message: this.message };
    if (this.path !== undefined) body.path = this.path;
    if (this.retryAfterMs !== undefined) body.retryAfterMs = this.retryAfterMs;
    return body;
  }

  /** The error that a received body describes. */
  static fromBody(body: ErrorBody): AmphiError {
    return new AmphiError(body.code, body.message, body);
  }
}
