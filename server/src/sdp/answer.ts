import { randomInt } from 'node:crypto';
import type { RtpParameters, TransportInfo } from '@amphi/protocol';
import { type MediaDescription, type SessionDescription, write } from 'sdp-transform';
import type { Offer, Section } from './offer.ts';

/** What the answer says of one section: nothing for one that is rejected. */
export type AnsweredTrack = {
  mid: string;
  direction: 'recvonly' | 'sendonly';
  rtpParameters: RtpParameters;
  /** The rids that are received. */
  rids?: readonly string[];
  /** What the other end is to group tracks by, for those that are sent. */
  stream?: string;
};

type Transport = Pick<TransportInfo, 'iceParameters' | 'iceCandidates' | 'dtlsParameters'>;

/** Writes the answer of an ICE-lite server: its candidates are all in it, and nothing trickles (RFC 8829, 8839, 9429). */
export function writeAnswer(offer: Offer, transport: Transport, tracks: readonly AnsweredTrack[]): string {
  const find = (mid: string) => tracks.find((track) => track.mid === mid);
  const accepted = offer.sections.filter(({ mid, kind }) => kind !== 'other' && find(mid)).map(({ mid }) => mid);
  const media = offer.sections.map((section) => {
    const track = section.kind === 'other' ? undefined : find(section.mid);
    return track ? accept(section, track, offer, transport) : reject(section);
  });
  return write(session(accepted, media));
}

/** Writes an offer of this server's own, of what it would send. */
export function writeOffer(
  transport: Transport,
  tracks: readonly (AnsweredTrack & { kind: 'audio' | 'video' })[],
): string {
  const media = tracks.map((track) =>
    describe(track, transport, {
      ...{ kind: track.kind, mid: track.mid, protocol: 'UDP/TLS/RTP/SAVPF' },
      ...{ setup: 'actpass', reducedSize: true },
    }),
  );
  return write(
    session(
      tracks.map(({ mid }) => mid),
      media,
    ),
  );
}

function session(mids: readonly string[], media: MediaDescription[]): SessionDescription {
  return {
    version: 0,
    origin: {
      username: '-',
      sessionId: String(randomInt(2 ** 47)),
      sessionVersion: 1,
      netType: 'IN',
      ipVer: 4,
      address: '0.0.0.0',
    },
    name: '-',
    timing: { start: 0, stop: 0 },
    icelite: 'ice-lite',
    groups: [{ type: 'BUNDLE', mids: mids.join(' ') }],
    msidSemantic: { semantic: 'WMS', token: '*' },
    media,
  };
}

/** The lines of an SDP fragment (RFC 8840, 9) that tell new ICE credentials and the candidates. */
export function writeFragment(offer: Offer, transport: Transport): string {
  const { usernameFragment, password } = transport.iceParameters;
  const active = offer.sections.filter(({ direction }) => direction !== 'inactive');
  const [first] = active;
  return [
    'a=ice-lite',
    `a=group:BUNDLE ${active.map(({ mid }) => mid).join(' ')}`,
    `m=${first?.kind ?? 'audio'} 9 UDP/TLS/RTP/SAVPF 0`,
    `a=mid:${first?.mid ?? '0'}`,
    `a=ice-ufrag:${usernameFragment}`,
    `a=ice-pwd:${password}`,
    ...candidatesOf(transport).map(
      ({ foundation, priority, transport: protocol, ip, port, tcptype }) =>
        `a=candidate:${foundation} 1 ${protocol} ${priority} ${ip} ${port} typ host${tcptype ? ` tcptype ${tcptype}` : ''}`,
    ),
    'a=end-of-candidates',
    '',
  ].join('\r\n');
}

function accept(
  { media, kind, mid }: Section,
  track: AnsweredTrack,
  offer: Offer,
  transport: Transport,
): MediaDescription {
  return describe(track, transport, {
    ...{ kind, mid, protocol: media.protocol, reducedSize: media.rtcpRsize !== undefined },
    // The other end is the client unless it insists on being the server, as FFmpeg does.
    setup: offer.dtls.role === 'server' ? 'active' : 'passive',
  });
}

type Frame = {
  kind: string;
  mid: string;
  protocol: string;
  setup: 'active' | 'passive' | 'actpass';
  reducedSize: boolean;
};

function describe(track: AnsweredTrack, transport: Transport, frame: Frame): MediaDescription {
  const { kind, mid, protocol, setup, reducedSize } = frame;
  const { codecs, headerExtensions = [] } = track.rtpParameters;
  const { iceParameters, dtlsParameters } = transport;
  const fingerprint =
    dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === 'sha-256') ?? dtlsParameters.fingerprints[0];
  const rids = track.rids ?? [];
  return {
    type: kind,
    port: 9,
    protocol,
    payloads: codecs.map(({ payloadType }) => payloadType).join(' '),
    connection: { version: 4, ip: '0.0.0.0' },
    mid,
    direction: track.direction,
    iceUfrag: iceParameters.usernameFragment,
    icePwd: iceParameters.password,
    candidates: candidatesOf(transport),
    endOfCandidates: 'end-of-candidates',
    ...(fingerprint ? { fingerprint: { type: fingerprint.algorithm, hash: fingerprint.value } } : {}),
    setup,
    rtcpMux: 'rtcp-mux',
    ...(reducedSize ? { rtcpRsize: 'rtcp-rsize' as const } : {}),
    rtp: codecs.map(({ payloadType: payload, mimeType, clockRate: rate, channels }) => ({
      payload,
      codec: mimeType.slice(mimeType.indexOf('/') + 1),
      rate,
      ...(channels === undefined || channels === 1 ? {} : { encoding: channels }),
    })),
    fmtp: codecs.flatMap(({ payloadType: payload, parameters = {} }) => {
      const config = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
      return config.length > 0 ? [{ payload, config: config.join(';') }] : [];
    }),
    rtcpFb: codecs.flatMap(({ payloadType: payload, rtcpFeedback = [] }) =>
      rtcpFeedback.map(({ type, parameter: subtype }) => ({ payload, type, ...(subtype ? { subtype } : {}) })),
    ),
    ext: headerExtensions.map(({ uri, id: value }) => ({ uri, value })),
    ...(rids.length > 0
      ? {
          rids: rids.map((id) => ({ id, direction: 'recv' })),
          simulcast: { dir1: 'recv' as const, list1: rids.join(';') },
        }
      : {}),
    ...sent(track),
  };
}

/** What is said of a track that this server sends. */
function sent({ direction, rtpParameters, stream = '-', mid }: AnsweredTrack): Partial<MediaDescription> {
  const [encoding] = rtpParameters.encodings ?? [];
  if (direction !== 'sendonly' || encoding?.ssrc === undefined) return {};
  const { ssrc, rtx } = encoding;
  const value = rtpParameters.rtcp?.cname ?? '-';
  return {
    msid: [{ id: stream, appdata: `${stream}-${mid}` }],
    ssrcs: [ssrc, ...(rtx ? [rtx.ssrc] : [])].map((id) => ({ id, attribute: 'cname', value })),
    ...(rtx ? { ssrcGroups: [{ semantics: 'FID', ssrcs: `${ssrc} ${rtx.ssrc}` }] } : {}),
  };
}

function reject({ media, mid }: Section): MediaDescription {
  return {
    type: media.type,
    port: 0,
    protocol: media.protocol,
    payloads: String(media.payloads ?? '0'),
    connection: { version: 4, ip: '0.0.0.0' },
    ...(mid === '' ? {} : { mid }),
    direction: 'inactive',
    rtp: media.rtp,
    fmtp: media.fmtp,
  };
}

function candidatesOf({ iceCandidates }: Transport): NonNullable<MediaDescription['candidates']> {
  return iceCandidates.map(({ foundation, priority, address, protocol, port, type, tcpType }) => ({
    foundation,
    component: 1,
    transport: protocol,
    priority,
    ip: address,
    port,
    type,
    ...(tcpType === undefined ? {} : { tcptype: tcpType }),
  }));
}
