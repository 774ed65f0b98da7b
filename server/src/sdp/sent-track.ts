import { type RtpCapabilities, type RtpParameters, rtpParameters as rtpParametersSchema } from '@amphi/protocol';
import { isSameProfile } from 'h264-profile-level-id';
import { type MediaDescription, parseParams } from 'sdp-transform';
import { SdpError } from './error.ts';
import type { Section } from './offer.ts';
import { atMost, fromLowToHigh, offeredRids } from './simulcast.ts';

type Capability = NonNullable<RtpCapabilities['codecs']>[number];
type Codec = RtpParameters['codecs'][number];
type Encoding = NonNullable<RtpParameters['encodings']>[number];
type Format = MediaDescription['rtp'][number];

/** What is taken of a section that sends: the parameters of the producer, and what the answer has to say of it. */
export type SentTrack = {
  kind: 'audio' | 'video';
  mid: string;
  rtpParameters: RtpParameters;
  /** In the order of the offer; those that are not forwarded are left out. */
  rids: string[];
};

/** The SFU forwards no more. */
const MAX_LAYERS = 3;

/**
 * What a section sends, in the words of ORTC: the first codec that the router knows too, with its RTX, the header extensions
 * that both know, and the encodings from the lowest to the highest. Undefined when there is no such codec.
 * @throws SdpError for parameters that cannot be.
 */
export function sentTrack(section: Section, capabilities: RtpCapabilities): SentTrack | undefined {
  const { kind, mid, media } = section;
  if (kind === 'other') return undefined;
  const codec = chooseCodec(media, kind, capabilities.codecs ?? []);
  if (!codec) return undefined;
  const offered = kind === 'video' ? offeredRids(media) : [];
  const layers = atMost(fromLowToHigh(offered, media), MAX_LAYERS);
  const encodings = layers.length > 0 ? layers.map((rid): Encoding => ({ rid })) : bySsrc(media);
  const isSimulcast = encodings.length > 1;
  const repairable = encodings.every(({ rid, rtx }) => rid !== undefined || rtx !== undefined);
  const rtx = repairable ? rtxOf(media, codec) : undefined;
  const parsed = rtpParametersSchema.safeParse({
    mid,
    codecs: rtx ? [codec, rtx] : [codec],
    headerExtensions: extensionsOf(media, kind, capabilities),
    encodings: encodings.map((encoding) => ({
      ...encoding,
      ...(rtx ? {} : { rtx: undefined }),
      // Browsers send three temporal layers with simulcast; a consumer may only ask for those that are said to be there.
      ...(isSimulcast && codec.mimeType === 'video/VP8' ? { scalabilityMode: 'L1T3' } : {}),
    })),
    rtcp: { cname: cnameOf(media), reducedSize: media.rtcpRsize !== undefined },
  });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new SdpError(400, `the m= section "${mid}" cannot be used: ${issue?.path.join('.')} ${issue?.message}`);
  }
  return { kind, mid, rtpParameters: parsed.data, rids: offered.filter((rid) => layers.includes(rid)) };
}

function chooseCodec(
  media: MediaDescription,
  kind: 'audio' | 'video',
  known: readonly Capability[],
): Codec | undefined {
  const order = String(media.payloads ?? '')
    .split(' ')
    .map(Number);
  for (const payloadType of order) {
    const format = media.rtp.find(({ payload }) => payload === payloadType);
    if (!format || format.codec.toLowerCase() === 'rtx') continue;
    const parameters = fmtpOf(media, payloadType);
    const capability = known.find((candidate) => isSameCodec(format, parameters, candidate, kind));
    if (!capability) continue;
    return {
      mimeType: capability.mimeType,
      payloadType,
      clockRate: capability.clockRate,
      ...(kind === 'audio' ? { channels: format.encoding ?? 1 } : {}),
      parameters,
      rtcpFeedback: feedbackOf(media, payloadType, capability),
    };
  }
  return undefined;
}

function isSameCodec(format: Format, parameters: Fmtp, capability: Capability, kind: string): boolean {
  if (capability.kind !== kind || capability.mimeType.toLowerCase() !== `${kind}/${format.codec}`.toLowerCase())
    return false;
  if (capability.clockRate !== format.rate) return false;
  if (kind === 'audio') return (capability.channels ?? 1) === (format.encoding ?? 1);
  const [name, mine] = [format.codec.toUpperCase(), capability.parameters ?? {}];
  const equal = (key: string) => Number(parameters[key] ?? 0) === Number(mine[key] ?? 0);
  // The level does not matter: what arrives is passed on as it is.
  if (name === 'H264') return equal('packetization-mode') && isSameProfile(textOf(parameters), textOf(mine));
  return name === 'VP9' ? equal('profile-id') : true;
}

export type Fmtp = Record<string, string | number>;

/** The format parameters of a payload type. */
export function fmtpOf(media: MediaDescription, payloadType: number): Fmtp {
  const config = media.fmtp.find(({ payload }) => payload === payloadType)?.config ?? '';
  const entries = Object.entries(parseParams(config)).map(([key, value]): [string, string | number] => {
    // All digits, it would be read as a number.
    return [key, key === 'profile-level-id' ? String(value) : (value ?? '')];
  });
  return Object.fromEntries(entries.filter(([key]) => key !== ''));
}

function textOf(parameters: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, String(value)]));
}

/** The RTCP feedback that the section and the capability have in common. */
export function feedbackOf(
  media: MediaDescription,
  payloadType: number,
  { rtcpFeedback = [] }: Pick<Capability, 'rtcpFeedback'>,
) {
  return (media.rtcpFb ?? [])
    .filter(({ payload }) => payload === '*' || Number(payload) === payloadType)
    .map(({ type, subtype }) => ({ type, ...(subtype ? { parameter: String(subtype) } : {}) }))
    .filter((offered) =>
      rtcpFeedback.some(({ type, parameter = '' }) => type === offered.type && parameter === (offered.parameter ?? '')),
    );
}

function rtxOf(media: MediaDescription, { payloadType: apt, clockRate }: Codec): Codec | undefined {
  const format = media.rtp.find(
    ({ codec, payload }) => codec.toLowerCase() === 'rtx' && Number(fmtpOf(media, payload)['apt']) === apt,
  );
  if (!format) return undefined;
  return { mimeType: 'video/rtx', payloadType: format.payload, clockRate, parameters: { apt }, rtcpFeedback: [] };
}

function extensionsOf(media: MediaDescription, kind: string, { headerExtensions = [] }: RtpCapabilities) {
  const taken = (uri: string) =>
    headerExtensions.some(
      (known) =>
        known.uri === uri && known.kind === kind && ['sendrecv', 'recvonly'].includes(known.direction ?? 'sendrecv'),
    );
  return (media.ext ?? [])
    .filter((ext) => taken(ext.uri) && ext['encrypt-uri'] === undefined && ext.direction !== 'recvonly')
    .map(({ uri, value }) => ({ uri, id: value }));
}

/** Without rids: the first stream that the section names, or none at all, when it is known by its mid alone. */
function bySsrc(media: MediaDescription): Encoding[] {
  const groups = (media.ssrcGroups ?? []).map(({ semantics, ssrcs }) => ({
    semantics,
    ssrcs: ssrcs.split(' ').map(Number),
  }));
  const repairOf = (ssrc: number) =>
    groups.find(({ semantics, ssrcs }) => semantics === 'FID' && ssrcs[0] === ssrc)?.ssrcs[1];
  // Simulcast as Chrome did it before there were rids, and some still do; from the lowest to the highest.
  const layers = groups.find(({ semantics }) => semantics === 'SIM')?.ssrcs.slice(0, MAX_LAYERS);
  const first = groups.find(({ semantics }) => semantics === 'FID')?.ssrcs[0] ?? media.ssrcs?.[0]?.id;
  const ssrcs = layers ?? (first === undefined ? [] : [Number(first)]);
  if (ssrcs.length === 0) return [{}];
  return ssrcs.map((ssrc) => {
    const repair = repairOf(ssrc);
    return { ssrc, ...(repair === undefined ? {} : { rtx: { ssrc: repair } }) };
  });
}

function cnameOf(media: MediaDescription): string | undefined {
  const cname = media.ssrcs?.find(({ attribute }) => attribute === 'cname')?.value;
  return cname === undefined ? undefined : String(cname);
}
