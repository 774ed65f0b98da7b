import { z } from 'zod';

/**
 * The subset of ORTC's dictionaries that mediasoup and mediasoup-client exchange, with bounds on every string and list,
 * so that what reaches the media worker is of known size. Shapes: https://mediasoup.org/documentation/v3/mediasoup/rtp-parameters-and-capabilities/
 */
const short = z.string().max(128);
const payloadType = z.number().int().min(0).max(127);
const ssrc = z.number().int().min(0).max(0xffffffff);

/** fmtp values: flat, few, and no key that could reach a prototype. */
const fmtp = z
  .record(z.string().max(64), z.union([z.string().max(256), z.number(), z.null()]))
  .refine((value) => Object.keys(value).length <= 32, 'too many codec parameters');

const rtcpFeedback = z.object({ type: short, parameter: short.optional() });
const extensionParameters = z.record(z.string().max(64), z.union([z.string().max(256), z.number(), z.boolean()]));

export const mediaKind = z.enum(['audio', 'video']);

export const rtpCapabilities = z.object({
  codecs: z
    .array(
      z.object({
        kind: mediaKind,
        mimeType: short,
        preferredPayloadType: payloadType,
        clockRate: z.number().int().positive(),
        channels: z.number().int().min(1).max(8).optional(),
        parameters: fmtp.optional(),
        rtcpFeedback: z.array(rtcpFeedback).max(16).optional(),
      }),
    )
    .max(64)
    .optional(),
  headerExtensions: z
    .array(
      z.object({
        kind: mediaKind,
        uri: z.string().max(256),
        preferredId: z.number().int().min(1).max(255),
        preferredEncrypt: z.boolean().optional(),
        direction: z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive']).optional(),
      }),
    )
    .max(64)
    .optional(),
});
export type RtpCapabilities = z.infer<typeof rtpCapabilities>;

export const rtpParameters = z.object({
  mid: z.string().max(32).optional(),
  msid: z.string().max(256).optional(),
  codecs: z
    .array(
      z.object({
        mimeType: short,
        payloadType,
        clockRate: z.number().int().positive(),
        channels: z.number().int().min(1).max(8).optional(),
        parameters: fmtp.optional(),
        rtcpFeedback: z.array(rtcpFeedback).max(16).optional(),
      }),
    )
    .min(1)
    .max(16),
  headerExtensions: z
    .array(
      z.object({
        uri: z.string().max(256),
        id: z.number().int().min(1).max(255),
        encrypt: z.boolean().optional(),
        parameters: extensionParameters.optional(),
      }),
    )
    .max(32)
    .optional(),
  encodings: z
    .array(
      z.object({
        ssrc: ssrc.optional(),
        rid: z.string().max(16).optional(),
        codecPayloadType: payloadType.optional(),
        rtx: z.object({ ssrc }).optional(),
        dtx: z.boolean().optional(),
        active: z.boolean().optional(),
        scalabilityMode: z.string().max(16).optional(),
        scaleResolutionDownBy: z.number().min(1).max(64).optional(),
        maxBitrate: z.number().int().positive().optional(),
        maxFramerate: z.number().positive().optional(),
        adaptivePtime: z.boolean().optional(),
        priority: z.enum(['very-low', 'low', 'medium', 'high']).optional(),
        networkPriority: z.enum(['very-low', 'low', 'medium', 'high']).optional(),
      }),
    )
    .min(1)
    .max(4)
    .optional(),
  rtcp: z
    .object({ cname: z.string().max(256).optional(), reducedSize: z.boolean().optional(), mux: z.boolean().optional() })
    .optional(),
});
export type RtpParameters = z.infer<typeof rtpParameters>;

export const dtlsParameters = z.object({
  role: z.enum(['auto', 'client', 'server']).optional(),
  fingerprints: z
    .array(
      z.object({
        algorithm: z.enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
        value: z
          .string()
          .max(256)
          .regex(/^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2})+$/),
      }),
    )
    .min(1)
    .max(8),
});
export type DtlsParameters = z.infer<typeof dtlsParameters>;

export const iceParameters = z.object({
  usernameFragment: z.string(),
  password: z.string(),
  iceLite: z.boolean().optional(),
});
export type IceParameters = z.infer<typeof iceParameters>;

/** All that a browser needs to build its end of a server transport. */
export const transportInfo = z.object({
  id: z.string(),
  iceParameters,
  iceCandidates: z.array(
    z.object({
      foundation: z.string(),
      priority: z.number(),
      address: z.string(),
      ip: z.string(),
      protocol: z.enum(['udp', 'tcp']),
      port: z.number(),
      type: z.enum(['host', 'srflx', 'prflx', 'relay']),
      tcpType: z.enum(['active', 'passive', 'so']).optional(),
    }),
  ),
  dtlsParameters,
  sctpParameters: z.object({
    port: z.number(),
    maxSendMessageSize: z.number(),
    maxReceiveMessageSize: z.number(),
    OS: z.number().optional(),
    MIS: z.number().optional(),
    maxMessageSize: z.number().optional(),
  }),
});
export type TransportInfo = z.infer<typeof transportInfo>;

export const transportPair = z.object({ send: transportInfo, recv: transportInfo });
export type TransportPair = z.infer<typeof transportPair>;
