import type { RtpParameters } from '@amphi/protocol';
import type { Section } from './offer.ts';
import { feedbackOf, type Fmtp, fmtpOf } from './sent-track.ts';

/** A codec that the other end can receive, under the payload type that it has given it. */
export type ReceivableCodec = {
  /** As mediasoup spells it. */
  mimeType: string;
  payloadType: number;
  clockRate: number;
  channels?: number;
  parameters: Fmtp;
  rtcpFeedback: NonNullable<RtpParameters['codecs'][number]['rtcpFeedback']>;
};

/** By what is in rtpmap, in lower case. */
const KNOWN = new Map(
  ['audio/opus', 'video/VP8', 'video/VP9', 'video/H264', 'video/AV1'].map((mimeType) => [
    mimeType.toLowerCase(),
    mimeType,
  ]),
);

/** What this end makes use of. */
const FEEDBACK = [
  { type: 'nack', parameter: '' },
  { type: 'nack', parameter: 'pli' },
  { type: 'ccm', parameter: 'fir' },
  { type: 'goog-remb', parameter: '' },
  { type: 'transport-cc', parameter: '' },
];

/** The codecs of a section, in the order of its preference. Those that nothing is known of are left out. */
export function receivableCodecs({ kind, media }: Section): ReceivableCodec[] {
  const order = String(media.payloads ?? '')
    .split(' ')
    .map(Number);
  return order.flatMap((payloadType) => {
    const format = media.rtp.find(({ payload }) => payload === payloadType);
    const mimeType = format && KNOWN.get(`${kind}/${format.codec}`.toLowerCase());
    if (!format || mimeType === undefined || !isPayloadType(payloadType) || format.rate === undefined) return [];
    return {
      ...{ mimeType, payloadType, clockRate: format.rate },
      ...(kind === 'audio' ? { channels: format.encoding ?? 1 } : {}),
      parameters: fmtpOf(media, payloadType),
      rtcpFeedback: feedbackOf(media, payloadType, { rtcpFeedback: FEEDBACK }),
    };
  });
}

/** The header extensions that the other end takes. */
export function offeredExtensions({ media }: Section): { uri: string; id: number }[] {
  return (media.ext ?? [])
    .filter((ext) => ext['encrypt-uri'] === undefined && ext.direction !== 'sendonly' && ext.direction !== 'inactive')
    .map(({ uri, value }) => ({ uri, id: value }));
}

function isPayloadType(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 127;
}
