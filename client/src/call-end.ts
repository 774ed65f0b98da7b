import type { AmphiError } from '@amphi/protocol/amphi-error';
import type { CallEnd, LeaveReason } from './types.ts';

const WORDS: Record<LeaveReason, string> = {
  left: 'You left the call.',
  lost: 'The connection was lost for too long.',
  replaced: 'The session was taken over by another connection.',
  removed: 'A moderator removed you from the room.',
  banned: 'A moderator banned you from the room.',
  'room-closed': 'The room was closed.',
  'server-stopping': 'The server is shutting down.',
  'protocol-abuse': 'The server ended the session because of a fault in this client.',
};

/** The end of a call that the server, or this person, brought about. */
export function endOfReason(reason: LeaveReason): CallEnd {
  return { reason, message: WORDS[reason] };
}

/** The end of a call that the server refuses to go on with; null: it can't be reached. */
export function endOfError(error: AmphiError | null): CallEnd {
  if (error) return { reason: error.code, message: error.message };
  return { reason: 'unreachable', message: 'The server can not be reached.' };
}
