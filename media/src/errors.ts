import { AmphiError } from '@amphi/protocol';
import { errors } from 'mediasoup';

/** How long a client is asked to wait while a worker is being replaced. */
export const RETRY_AFTER_MS = 500;

/** No worker runs now, or the one that was asked has just gone. */
export function mediaUnavailable(): AmphiError {
  return new AmphiError('media-unavailable', 'A media worker is being replaced; try again shortly.', {
    retryAfterMs: RETRY_AFTER_MS,
  });
}

/**
 * What a failed call to the worker means to the caller. `refused` says what to make of parameters that mediasoup does not
 * accept (it throws TypeError and UnsupportedError for them).
 */
export function fromWorker(error: unknown, refused: string): AmphiError {
  if (error instanceof AmphiError) return error;
  if (error instanceof errors.WorkerClosedError) return mediaUnavailable();
  if (error instanceof errors.NotFoundError) {
    return new AmphiError('not-found', 'The media was closed while the request was under way.');
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new AmphiError('bad-request', `${refused}: ${reason}.`);
}

/** For calls whose object may be closed, or its worker die, in the middle: then their failing has no meaning any more. */
export function ignoreClosed(promise: Promise<unknown>): Promise<void> {
  return promise.then(
    () => undefined,
    () => undefined,
  );
}
