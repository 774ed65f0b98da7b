import { z } from 'zod';
import { exceptions, permission, personRole, roomPolicy, waiting } from './people.ts';
import { mediaKind, rtpParameters } from './rtp.ts';

/** Ids that the server makes: opaque, short, never to be parsed. */
export const id = z.string().min(1).max(64);

/** A producer's id is made by the client, so that nobody waits a round trip for it; the server insists on a UUID. */
export const producerId = z.uuid();

/**
 * A room's name in links: 3 to 64 of a-z, 0-9 and single dashes between them. Case is folded before it is looked up.
 */
export const roomId = z
  .string()
  .toLowerCase()
  .regex(/^[a-z0-9](?:-?[a-z0-9])+$/, 'use 3 to 64 letters, digits and single dashes')
  .min(3)
  .max(64);

/** What a person is called in the room: 1 to 64 characters, control and bidirectional-override characters refused. */
export const displayName = z
  .string()
  .trim()
  .min(1)
  .max(64)
  // oxlint-disable-next-line no-control-regex
  .regex(/^[^\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*$/u, 'has characters that cannot be shown');

/** What a track shows. */
export const source = z.enum(['camera', 'microphone', 'screen', 'screen-audio']);
export type Source = z.infer<typeof source>;

export { KIND_OF_SOURCE } from './constants.ts';

/** How a person's connection is, and why, as that person's own client measures it. */
export const quality = z.object({
  level: z.enum(['good', 'fair', 'poor']),
  /** Absent when good. */
  reason: z.enum(['loss-up', 'loss-down', 'slow-up', 'slow-down', 'latency', 'tcp', 'cpu']).optional(),
});
export type Quality = z.infer<typeof quality>;

export const producerInfo = z.object({
  id: producerId,
  source,
  kind: mediaKind,
  /** The person has muted it or switched it off; nothing is sent. */
  muted: z.boolean(),
  /** Pixels of the captured picture; absent for audio or when unknown. */
  width: z.number().int().positive().max(16384).optional(),
  height: z.number().int().positive().max(16384).optional(),
  /** How many spatial layers the SFU may choose from: 1 for a plain stream. */
  spatialLayers: z.number().int().min(1).max(3),
});
export type ProducerInfo = z.infer<typeof producerInfo>;

export const presence = z.enum(['here', 'reconnecting']);
export type Presence = z.infer<typeof presence>;

export const memberInfo = z.object({
  id,
  name: z.string(),
  role: z.union([personRole, z.enum(['recorder', 'publisher'])]),
  /** Milliseconds since the epoch, by the server's clock. */
  joinedAt: z.number(),
  presence,
  quality: quality.optional(),
  /** Rights beside those of the role; absent where there are none. */
  exceptions: exceptions.optional(),
  producers: z.array(producerInfo),
});
export type MemberInfo = z.infer<typeof memberInfo>;

/** The part of a member that changes while it is in the room, besides its producers. */
export const memberPatch = z.object({
  name: z.string().optional(),
  role: memberInfo.shape.role.optional(),
  presence: presence.optional(),
  quality: quality.optional(),
  exceptions: exceptions.optional(),
});

/** One stream that the server sends to this member. Made paused; `consumer.ready` starts it. */
export const consumerInfo = z.object({
  id,
  producerId,
  memberId: id,
  kind: mediaKind,
  rtpParameters,
  type: z.enum(['simple', 'simulcast', 'svc', 'pipe']),
});
export type ConsumerInfo = z.infer<typeof consumerInfo>;

export { type RoomPolicy, roomPolicy } from './people.ts';

export const roomInfo = z.object({ id: z.string(), policy: roomPolicy });
export type RoomInfo = z.infer<typeof roomInfo>;

/** The direct connection that this member has or is building. */
export const directInfo = z.object({
  /** Grows with every attempt in the room; messages of another epoch are void. */
  epoch: z.number().int(),
  peerId: id,
  /** The one of the two who makes the first offer; also the impolite side of perfect negotiation. */
  offerer: z.boolean(),
});
export type DirectInfo = z.infer<typeof directInfo>;

/** What a member may do, and what proves it. */
export const selfInfo = z.object({
  role: personRole,
  /** By role, the room's policy and the exceptions together. */
  permissions: z.array(permission),
  exceptions,
  /** Secret: in the handshake's `token` it brings this member back as what it is now, also after the server restarted. */
  pass: z.string(),
});
export type SelfInfo = z.infer<typeof selfInfo>;

/** All that a member needs to show the room, whatever it knew before. */
export const snapshot = z.object({
  selfId: id,
  self: selfInfo,
  room: roomInfo,
  /** Everybody, the member itself included. */
  members: z.array(memberInfo),
  consumers: z.array(consumerInfo),
  direct: directInfo.optional(),
  /** Who waits in the lobby, for those who may let them in. */
  waiting: z.array(waiting).optional(),
});
export type Snapshot = z.infer<typeof snapshot>;
