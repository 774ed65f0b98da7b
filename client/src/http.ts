import type { CreateRoomInput, CreateRoomOutput, ErrorBody, RoomPolicy } from '@amphi/protocol';
import { AmphiError } from '@amphi/protocol/amphi-error';

/** A room as the server tells it to somebody who has its name. */
export type RoomLookup = { id: string; policy: RoomPolicy };

/**
 * Creates a room: `POST /api/rooms`. `server` is the server's origin, the page's own when left out. Rejects with an
 * AmphiError, with `internal` when the server can't be reached or answers something else.
 */
export async function createRoom(server?: string, input: CreateRoomInput = {}): Promise<CreateRoomOutput> {
  return ask<CreateRoomOutput>(server, '/api/rooms', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
}

/** Looks a room up by its name: `GET /api/rooms/:id`. Answers null when there is none. Rejects as {@link createRoom}. */
export async function lookupRoom(server: string | undefined, id: string): Promise<RoomLookup | null> {
  try {
    return await ask<RoomLookup>(server, `/api/rooms/${encodeURIComponent(id)}`, {});
  } catch (error) {
    if (error instanceof AmphiError && error.code === 'room-not-found') return null;
    throw error;
  }
}

async function ask<T>(server: string | undefined, path: string, init: RequestInit): Promise<T> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(server === undefined ? path : new URL(path, server), init);
    body = await response.json();
  } catch {
    throw new AmphiError('internal', `The server at ${server ?? 'this address'} gave no proper answer: is it running?`);
  }
  if (response.ok) return body as T;
  const error = (body as { error?: ErrorBody }).error ?? (body as ErrorBody);
  if (typeof error?.code === 'string') throw AmphiError.fromBody(error);
  throw new AmphiError('internal', `The server answered ${response.status} to ${path}.`);
}
