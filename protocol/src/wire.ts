import { z } from 'zod';
import { policyPatch } from './access.ts';
import { errorBody } from './errors.ts';
import { id, roomId } from './model.ts';

export { EVENT, PROTOCOL_VERSION, REQUEST } from './constants.ts';

/** What the client puts into the Socket.IO handshake's `auth`. */
export const handshake = z.object({
  protocol: z.number().int(),
  room: roomId,
  /** A token of the API, or the pass of an earlier join: says who this is and what role that person has. */
  token: z.string().max(4096).optional(),
  /** The key of the room's host link. */
  hostKey: z.string().max(128).optional(),
  /** What a guest's browser calls itself, so that the same guest is known again. */
  guest: z.uuid().optional(),
  /** Comes by the watch link, to look on. */
  audience: z.boolean().optional(),
  /** To go on with a session after the socket dropped. */
  resume: z
    .object({
      token: z.string().max(128),
      /** The sequence number of the last event received. */
      seq: z.number().int().nonnegative(),
    })
    .optional(),
});
export type Handshake = z.input<typeof handshake>;

/** A call. The id makes a repeat harmless: the server answers it with the first answer. */
export const requestEnvelope = z.object({
  id: z.string().min(1).max(64),
  method: z.string().max(64),
  data: z.unknown(),
});
export type RequestEnvelope = z.infer<typeof requestEnvelope>;

/** The ack of a request. */
export const answer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), data: z.unknown() }),
  z.object({ ok: z.literal(false), error: errorBody }),
]);
export type Answer = z.infer<typeof answer>;

/** An event. `seq` grows by one from event to event of a session, volatile events have 0. */
export const eventEnvelope = z.object({
  seq: z.number().int().nonnegative(),
  name: z.string(),
  data: z.unknown(),
});
export type EventEnvelope = z.infer<typeof eventEnvelope>;

/** The HTTP API that pages use before there is a socket: create a room, and look one up. */
export const createRoomInput = z.object({
  /** The name in the link; left out, the server makes an unguessable one. */
  id: roomId.optional(),
  policy: policyPatch.optional(),
});
export type CreateRoomInput = z.input<typeof createRoomInput>;
export const createRoomOutput = z.object({
  id,
  url: z.string(),
  /** Secret: makes whoever has it a host. */
  hostKey: z.string(),
  /** The link that carries the host key in its fragment, which browsers do not send to servers. */
  hostUrl: z.string(),
});
export type CreateRoomOutput = z.infer<typeof createRoomOutput>;

/** What a page may know of who looks at it. */
export const sessionInfo = z.object({
  /** Where to sign in; null where nobody can. `to` in the query is the page to come back to. */
  signIn: z.string().nullable(),
  /** Who is signed in. */
  account: z.object({ name: z.string().nullable() }).nullable(),
  mayCreate: z.boolean(),
});
export type SessionInfo = z.infer<typeof sessionInfo>;
