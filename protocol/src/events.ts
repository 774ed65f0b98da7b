import { z } from 'zod';
import { accessEvents } from './access.ts';
import { event } from './define.ts';
import { directCandidate, directDescription } from './direct.ts';
import {
  consumerInfo,
  directInfo,
  id,
  memberInfo,
  memberPatch,
  producerId,
  producerInfo,
  roomPolicy,
  selfInfo,
  snapshot,
} from './model.ts';
import { personRole } from './people.ts';
import { rtpCapabilities, transportPair } from './rtp.ts';

/** How the publisher shall encode its camera, from the server's configuration. */
export const mediaSettings = z.object({
  /** The codec that this server prefers, among those of the router. */
  videoCodec: z.enum(['vp8', 'vp9', 'h264', 'av1']),
  /** Capture height of the camera in pixels; the width follows from 16:9. */
  cameraHeight: z.number().int(),
  cameraFrameRate: z.number().int(),
  screenFrameRate: z.number().int(),
  /** Bits per second of the highest camera layer and of a screen. */
  cameraMaxBitrate: z.number().int(),
  screenMaxBitrate: z.number().int(),
});
export type MediaSettings = z.infer<typeof mediaSettings>;

export const leaveReason = z.enum([
  'left',
  'lost',
  'replaced',
  'removed',
  'banned',
  'room-closed',
  'server-stopping',
  'protocol-abuse',
]);
export type LeaveReason = z.infer<typeof leaveReason>;

/** What stands between a person and the room. */
export const admission = z.enum(['open', 'password', 'lobby']);
export type Admission = z.infer<typeof admission>;

/** The events that every room has. Features add theirs in `features/<name>/protocol.ts`. */
export const coreEvents = {
  ...accessEvents,
  'session.welcome': event({
    data: z.object({
      sessionId: id,
      /** Secret; sent back in the handshake to go on with the session after the socket dropped. */
      resumeToken: z.string(),
      /** True when the session that the handshake named goes on; missed events or a snapshot follow. */
      resumed: z.boolean(),
      /** For how long after a drop the session can be resumed. */
      resumeWindowMs: z.number().int(),
      rtpCapabilities,
      media: mediaSettings,
      room: z.object({ id: z.string(), policy: roomPolicy }),
      /** What stands between this person and the room: nothing, its password, or a host who has to let them in. */
      admission,
      /** What the person would be in the room. */
      role: personRole,
      /** What the person is called, where a token says so. */
      name: z.string().optional(),
    }),
    about: 'The first event on every connection.',
  }),
  'session.snapshot': event({
    data: z.object({ snapshot, transports: transportPair.optional() }),
    about: 'Replaces all that the client knew, after a resume for which too many events were missed.',
  }),
  'session.ended': event({
    data: z.object({ reason: leaveReason }),
    about: 'The session is over; the socket is closed after it. On `server-stopping` the client joins again by itself.',
  }),
  'self.changed': event({
    data: z.object({ self: selfInfo }),
    about: "The member's own role or rights changed.",
  }),
  'member.joined': event({ data: z.object({ member: memberInfo }), about: 'Somebody became a member.' }),
  'member.updated': event({
    data: z.object({ memberId: id, patch: memberPatch }),
    about: "A member's name, presence or connection quality changed.",
  }),
  'member.left': event({
    data: z.object({ memberId: id, reason: leaveReason }),
    about: 'A member is gone, with all of its producers.',
  }),
  'producer.added': event({
    data: z.object({ memberId: id, producer: producerInfo }),
    about: 'A member sends a new track. A `consumer.created` follows for those who can receive it.',
  }),
  'producer.updated': event({
    data: z.object({ memberId: id, producer: producerInfo }),
    about: 'A track was muted or unmuted, or its size changed.',
  }),
  'producer.removed': event({
    data: z.object({ memberId: id, producerId }),
    about:
      'A track ended; its consumers are gone. Its publisher gets it too when the server ended it, because a right was taken away.',
  }),
  'producer.demand': event({
    data: z.object({ producerId, maxSpatialLayer: z.number().int().min(-1).max(2) }),
    about:
      'To the publisher: the highest spatial layer that anybody looks at; -1 when nobody does. Layers above it need not be sent.',
  }),
  'consumer.created': event({
    data: z.object({ consumer: consumerInfo }),
    about: 'The server can send this track; it is paused until `consumer.ready`.',
  }),
  'consumer.closed': event({
    data: z.object({ consumerId: id }),
    about: 'A consumer ended while its producer may live on (its right was taken away, or it moved).',
  }),
  'consumer.layers': event({
    data: z.object({
      consumerId: id,
      /** What is being forwarded now; null when the bandwidth does not allow any. */
      current: z.object({ spatialLayer: z.number().int(), temporalLayer: z.number().int().optional() }).nullable(),
    }),
    about: 'The layer that the SFU forwards changed.',
  }),
  'room.speakers': event({
    data: z.object({
      /** The dominant speaker; null in silence. */
      dominantId: id.nullable(),
      /** Who speaks now and how loud, in dBov (-127 to 0), loudest first. */
      levels: z.array(z.object({ memberId: id, level: z.number() })),
    }),
    about: 'Who is speaking. Not kept for a resume.',
  }),
  'room.updated': event({ data: z.object({ policy: roomPolicy }), about: "The room's policy changed." }),
  'media.moved': event({
    data: z.object({ transports: transportPair, consumers: z.array(consumerInfo) }),
    about:
      'The media worker was replaced: old transports, producers and consumers are void. Build both transports anew, create all producers again with the same ids, consume these.',
  }),
  'direct.start': event({
    data: directInfo,
    about:
      'Connect to this member browser to browser; media goes on over the SFU until both have reported `connected`.',
  }),
  'direct.signal': event({
    data: z.object({ epoch: z.number().int(), signal: z.union([directDescription, directCandidate]) }),
    about: 'A description or candidate from the other person.',
  }),
  'direct.state': event({
    data: z.object({ epoch: z.number().int(), state: z.enum(['live', 'ending', 'closed']) }),
    about:
      '`live`: both decode the direct media, put the SFU producers on standby. `ending`: send over the SFU again, report `released` once its media is decoded. `closed`: close the direct connection.',
  }),
};
export type CoreEvents = typeof coreEvents;

/** Events whose latest value is all that matters: they are not kept for a resume. */
export const VOLATILE_EVENTS: ReadonlySet<string> = new Set(['room.speakers']);
