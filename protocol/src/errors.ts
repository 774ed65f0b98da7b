import { z } from 'zod';

/**
 * Every way in which a request or a connection can be refused. `message` is for people who read logs;
 * the web app shows words of its own per code.
 */
export const ERROR_CODES = [
  /** The method is not one that the server knows. */
  'unknown-method',
  /** The input does not fit the method's schema, or the envelope is malformed. */
  'bad-request',
  /** The input is larger than the method allows. */
  'too-large',
  /** The caller's role lacks the permission. */
  'forbidden',
  /** The method exists but not at this point: before joining, after leaving, twice. */
  'wrong-state',
  /** The id in the request names nothing that this session may see. */
  'not-found',
  /** Called too often; `retryAfterMs` says when to try again. */
  'rate-limited',
  /** No such room, or it does not let this person in: one answer for both. */
  'room-not-found',
  /** A host has to let this person in first: `lobby.knock`. */
  'lobby',
  /** The room has a password, and it was missing or wrong. */
  'password',
  /** A token, key or host link that is not valid (any more). */
  'unauthorized',
  /** The room has as many people as it may have. */
  'room-full',
  /** The session is unknown or over: join again. */
  'session-ended',
  /** The client speaks another version of the protocol. */
  'protocol-version',
  /** The server is shutting down. */
  'draining',
  /** Media is not to be had now (a worker is being replaced); `retryAfterMs` says when to try again. */
  'media-unavailable',
  /** A fault of the server's; nothing about it is told. */
  'internal',
] as const;

export const errorCode = z.enum(ERROR_CODES);
export type ErrorCode = z.infer<typeof errorCode>;

export const errorBody = z.object({
  code: errorCode,
  message: z.string(),
  /** The path inside the input that is wrong, for `bad-request`. */
  path: z.string().optional(),
  retryAfterMs: z.number().int().nonnegative().optional(),
});
export type ErrorBody = z.infer<typeof errorBody>;

export { AmphiError } from './amphi-error.ts';
