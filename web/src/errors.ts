import type { CallEnd, ErrorCode, LeaveReason } from '@amphi/client';
import { t, type MessageKey } from './i18n/index.ts';

/** The key of the words for each way in which the server can refuse. */
export const ERROR_KEYS = {
  'unknown-method': 'error.unknown-method',
  'bad-request': 'error.bad-request',
  'too-large': 'error.too-large',
  forbidden: 'error.forbidden',
  'wrong-state': 'error.wrong-state',
  'not-found': 'error.not-found',
  'rate-limited': 'error.rate-limited',
  'room-not-found': 'error.room-not-found',
  'room-full': 'error.room-full',
  'session-ended': 'error.session-ended',
  'protocol-version': 'error.protocol-version',
  draining: 'error.draining',
  'media-unavailable': 'error.media-unavailable',
  internal: 'error.internal',
  lobby: 'error.lobby',
  password: 'error.password',
  unauthorized: 'error.unauthorized',
} as const satisfies Record<ErrorCode, MessageKey>;

const END_KEYS = {
  left: 'end.left',
  lost: 'end.lost',
  replaced: 'end.replaced',
  removed: 'end.removed',
  banned: 'end.banned',
  'room-closed': 'end.room-closed',
  'server-stopping': 'end.server-stopping',
  'protocol-abuse': 'end.protocol-abuse',
  unreachable: 'end.unreachable',
} as const satisfies Record<LeaveReason | 'unreachable', MessageKey>;

const ENDINGS = { ...ERROR_KEYS, ...END_KEYS };

/** The code of a refusal by the server, or null when the error is something else (no network, mostly). */
export function codeOf(error: unknown): ErrorCode | null {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && Object.hasOwn(ERROR_KEYS, code) ? (code as ErrorCode) : null;
}

/** What went wrong and what to do, in the language of the page. */
export function errorText(error: unknown): string {
  const code = codeOf(error);
  return code === null ? t('end.unreachable') : t(ERROR_KEYS[code]);
}

/** Why the call ended and what to do, in the language of the page. */
export function endText(end: CallEnd): string {
  // A newer server may know reasons that this page does not.
  return Object.hasOwn(ENDINGS, end.reason) ? t(ENDINGS[end.reason]) : t('end.unknown');
}
