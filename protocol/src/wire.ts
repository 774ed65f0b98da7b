import { z } from 'zod';
import { errorBody } from './errors.ts';
import { id, roomId } from './model.ts';

export { EVENT, PROTOCOL_VERSION, REQUEST } from './constants.ts';

/** What the client puts into the Socket.IO handshake's `auth`. */
export const handshake = z.object({
  protocol: z.number().int(),
  room: roomId,
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
  policy: z
    .object({ direct: z.boolean().optional(), capacity: z.number().int().min(1).max(10_000).optional() })
    .optional(),
});
export type CreateRoomInput = z.input<typeof createRoomInput>;
export const createRoomOutput = z.object({ id, url: z.string() });
export type CreateRoomOutput = z.infer<typeof createRoomOutput>;
