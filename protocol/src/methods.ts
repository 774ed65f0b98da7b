import { z } from 'zod';
import { accessMethods, roomPassword } from './access.ts';
import { PUBLISH_PERMISSION } from './constants.ts';
import { type InputOf, method } from './define.ts';
import { directDescription, directCandidate } from './direct.ts';
import { displayName, id, KIND_OF_SOURCE, producerId, quality, snapshot, source } from './model.ts';
import { iceServer } from './relay.ts';
import { dtlsParameters, iceParameters, mediaKind, rtpCapabilities, rtpParameters, transportPair } from './rtp.ts';

const empty = z.object({});
const relay = z.object({
  iceServers: z.array(iceServer),
  /** After this `relay.renew` gives fresh credentials; null when these stay good. */
  expiresInMs: z.number().int().nullable(),
});
export type Relay = z.infer<typeof relay>;
const KB = 1024;
const downlinkBps = z.number().int().min(1).max(10_000_000_000);

export { PUBLISH_PERMISSION } from './constants.ts';

/** The methods that every room has. Features add theirs in `features/<name>/protocol.ts`. */
export const coreMethods = {
  ...accessMethods,
  'media.prepare': method({
    input: empty,
    output: z.object({ transports: transportPair, expiresInMs: z.number().int(), relay }),
    permission: 'connect',
    stage: 'connected',
    rate: { burst: 5, perSecond: 0.2 },
    about:
      'Makes both transports before joining, so that ICE and DTLS are done when the person clicks. They are closed when `expiresInMs` pass without a join.',
  }),
  'media.measure': method({
    input: empty,
    output: z.object({ padding: z.string() }),
    permission: 'connect',
    stage: 'any',
    rate: { burst: 6, perSecond: 0.2 },
    about:
      'Answers some kilobytes that compress little: the time that they take beyond a round trip says how thin the way to the client is.',
  }),
  'media.measured': method({
    input: z.object({ downlinkBps }),
    output: empty,
    permission: 'self',
    rate: { burst: 6, perSecond: 0.2 },
    maxBytes: 128,
    about: 'What `media.measure` has found since the join.',
  }),
  join: method({
    input: z.object({
      name: displayName,
      rtpCapabilities,
      /** Whether this client can hold a direct connection. */
      direct: z.boolean().default(true),
      /** The room's, where it has one and nothing else lets this person in. */
      password: roomPassword.optional(),
      /** Of the audience: whether to be given tracks. Without, there are no transports, and the event is seen otherwise. */
      media: z.boolean().default(true),
      /** Bits per second that the way to this client carries, by `media.measure`: what video begins with on a thin one. */
      downlinkBps: downlinkBps.optional(),
      /** That is being found out, and `media.measured` says it in a moment: until then video comes in its lowest layer. */
      measuring: z.boolean().default(false),
    }),
    output: z.object({
      snapshot,
      /**
       * The transports of `media.prepare` where they still live (same ids), else new ones. Absent for somebody of the
       * audience who wants no tracks, or for whom there is no place.
       */
      transports: transportPair.optional(),
      relay,
    }),
    permission: 'join',
    stage: 'connected',
    rate: { burst: 5, perSecond: 0.5 },
    maxBytes: 32 * KB,
    about: 'Makes the session a member of its room. The answer holds all that is needed to send and receive.',
  }),
  'media.receive': method({
    input: z.object({ on: z.boolean() }),
    output: empty,
    permission: 'self',
    rate: { burst: 5, perSecond: 0.5 },
    about:
      'Of the audience: to be given tracks from now on, or no media at all. `session.snapshot` brings transports and consumers. `room-full` where all places in real time are taken.',
  }),
  'relay.renew': method({
    input: empty,
    output: relay,
    permission: 'connect',
    stage: 'any',
    rate: { burst: 5, perSecond: 0.2 },
    about: 'STUN and TURN servers with fresh credentials.',
  }),
  leave: method({
    input: empty,
    output: empty,
    permission: 'join',
    stage: 'any',
    about: 'Ends the session. The others see the member leave at once.',
  }),
  'self.update': method({
    input: z.object({ name: displayName.optional(), quality: quality.optional() }),
    output: empty,
    permission: 'self',
    rate: { burst: 10, perSecond: 2 },
    about: 'Changes what the others see of this member.',
  }),
  'session.sync': method({
    input: empty,
    output: z.object({ snapshot }),
    permission: 'self',
    rate: { burst: 5, perSecond: 0.5 },
    about: 'Asks for the whole state of the room anew.',
  }),
  'session.ping': method({
    input: empty,
    output: empty,
    permission: 'join',
    stage: 'any',
    rate: { burst: 5, perSecond: 1 },
    maxBytes: 128,
    about: 'Answers at once; its time is the signaling round trip.',
  }),
  'transport.connect': method({
    input: z.object({ transportId: id, dtlsParameters }),
    output: empty,
    permission: 'connect',
    stage: 'any',
    about:
      'Gives the DTLS fingerprints of the client end of a transport. A repeat with the same fingerprints changes nothing.',
  }),
  'transport.restartIce': method({
    input: z.object({ transportId: id }),
    output: z.object({ iceParameters }),
    permission: 'connect',
    stage: 'any',
    rate: { burst: 10, perSecond: 1 },
    about: 'Makes new ICE credentials for a transport after the network changed; media goes on on the same transport.',
  }),
  'producer.create': method({
    input: z
      .object({
        transportId: id,
        producerId,
        source,
        kind: mediaKind,
        rtpParameters,
        muted: z.boolean().default(false),
        width: z.number().int().positive().max(16384).optional(),
        height: z.number().int().positive().max(16384).optional(),
      })
      .refine((input) => KIND_OF_SOURCE[input.source] === input.kind, {
        path: ['kind'],
        message: 'does not go with the source',
      }),
    output: empty,
    permission: (input) => PUBLISH_PERMISSION[input.source],
    rate: { burst: 12, perSecond: 2 },
    maxBytes: 32 * KB,
    about: 'Starts to send a track. The client makes the id, so that it need not wait for the answer.',
  }),
  'producer.update': method({
    input: z.object({
      producerId,
      /** The person mutes or unmutes; everybody is told. */
      muted: z.boolean().optional(),
      /** Nothing is sent to the server for now because the other person gets the track directly; nobody is told. */
      standby: z.boolean().optional(),
      width: z.number().int().positive().max(16384).optional(),
      height: z.number().int().positive().max(16384).optional(),
    }),
    output: empty,
    permission: 'self',
    about: "Changes one of the member's own producers.",
  }),
  'producer.close': method({
    input: z.object({ producerId }),
    output: empty,
    permission: 'self',
    about: "Ends one of the member's own producers.",
  }),
  'consumer.ready': method({
    input: z.object({ consumerIds: z.array(id).min(1).max(512) }),
    output: empty,
    permission: 'subscribe',
    maxBytes: 32 * KB,
    about: 'The client end of these consumers stands: the server starts them and asks for key frames.',
  }),
  'consumer.update': method({
    input: z.object({
      consumers: z
        .array(
          z.object({
            id,
            /** Not looked at: the server stops sending it. */
            paused: z.boolean().optional(),
            /** The highest spatial layer wanted, from 0. */
            spatialLayer: z.number().int().min(0).max(2).optional(),
            /** The highest temporal layer wanted, from 0. */
            temporalLayer: z.number().int().min(0).max(2).optional(),
            /** Who gets the bandwidth first when it is short: 1 to 255, higher first. */
            priority: z.number().int().min(1).max(255).optional(),
          }),
        )
        .min(1)
        .max(512),
    }),
    output: empty,
    permission: 'subscribe',
    rate: { burst: 30, perSecond: 10 },
    maxBytes: 64 * KB,
    about:
      'Says what is looked at and how large, so that no more than that is sent. Unknown (already closed) ids are passed over.',
  }),
  'consumer.blank': method({
    input: z.object({ consumerIds: z.array(id).min(1).max(512) }),
    output: empty,
    permission: 'subscribe',
    rate: { burst: 5, perSecond: 1 },
    maxBytes: 32 * KB,
    about:
      'No picture of these consumers came for some seconds: their publishers are asked for a key frame once more. Those that are not running are passed over.',
  }),
  'consumer.soundBroken': method({
    input: z.object({
      /** Bits per second that arrive from the SFU, by the client's own count. */
      receivedBps: z.number().int().min(0).max(10_000_000_000),
      /** The share of its packets of sound that were lost on the way, 0 to 1. */
      lost: z.number().min(0).max(1),
    }),
    output: empty,
    permission: 'subscribe',
    rate: { burst: 6, perSecond: 3 },
    maxBytes: 128,
    about:
      'Sound from the SFU arrives in pieces. Where the way to this member is short of bandwidth, video makes room for it.',
  }),
  'direct.signal': method({
    input: z.object({ epoch: z.number().int(), signal: z.union([directDescription, directCandidate]) }),
    output: empty,
    permission: 'subscribe',
    rate: { burst: 100, perSecond: 20 },
    maxBytes: 32 * KB,
    about: 'Passes a session description or a candidate to the other person of a direct connection.',
  }),
  'direct.report': method({
    input: z.object({
      epoch: z.number().int(),
      /** `connected`: the peer's media is being decoded. `released`: the SFU's is again. `failed`: it will not work. */
      state: z.enum(['connected', 'failed', 'released']),
    }),
    output: empty,
    permission: 'subscribe',
    about: 'Tells how far the direct connection has come on this side.',
  }),
};
export type CoreMethods = typeof coreMethods;
/** Sound that arrives in pieces: all that arrives beside it, and the share of its packets that were lost. */
export type SoundReport = InputOf<CoreMethods, 'consumer.soundBroken'>;
