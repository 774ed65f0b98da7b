import type { ErrorCode } from '@amphi/protocol';

/** Refusals travel as `{error: ErrorBody}` with the status that comes closest. */
export const STATUS: Partial<Record<ErrorCode, 400 | 401 | 403 | 404 | 409 | 413 | 429 | 503>> = {
  'bad-request': 400,
  unauthorized: 401,
  password: 401,
  forbidden: 403,
  'room-not-found': 404,
  'not-found': 404,
  'wrong-state': 409,
  'too-large': 413,
  'rate-limited': 429,
  draining: 503,
};
