import { RoomCall } from './call.ts';
import type { Call, CallOptions, JoinOptions } from './types.ts';

export { AmphiError } from '@amphi/protocol/amphi-error';
export { createRoom, lookupRoom, type RoomLookup } from './http.ts';
export { createLocalMedia, type LocalMediaOptions } from './local/local-media.ts';
export { mayDo } from './room/access.ts';
export type * from './types.ts';

/** Makes a call in a room. Nothing is opened before `connect()`, `warm()` or `join()`. */
export function createCall(options: CallOptions): Call {
  return new RoomCall(options);
}

/**
 * Joins a room in one go: makes the call, joins and sends the given tracks. Rejects with an AmphiError when the server
 * refuses; the call is then left.
 */
export async function join(options: CallOptions & JoinOptions): Promise<Call> {
  const call = createCall(options);
  try {
    await call.join(options);
  } catch (error) {
    await call.leave();
    throw error;
  }
  return call;
}
