import type { DtlsParameters } from '@amphi/protocol';
import { type MediaDescription, parse, type SessionDescription } from 'sdp-transform';
import { SdpError } from './error.ts';

/** One m= section of an offer. */
export type Section = {
  kind: 'audio' | 'video' | 'other';
  mid: string;
  /** What the other end wants to do in it; `inactive` also for one that it rejects itself. */
  direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  media: MediaDescription;
};

/** What a WHIP or WHEP client offers, over one bundled transport. */
export type Offer = {
  ice: IceCredentials;
  dtls: DtlsParameters;
  sections: Section[];
};

export type IceCredentials = { usernameFragment: string; password: string };

const ALGORITHMS = ['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512'] as const;
type Algorithm = (typeof ALGORITHMS)[number];

/** More m= sections than these are not gone through. */
const MAX_SECTIONS = 16;

/** Reads an offer (RFC 8866, 8829). @throws SdpError */
export function readOffer(text: string): Offer {
  if (!/^v=0\s*$/m.test(text)) throw new SdpError(400, 'this is no session description: it has no line "v=0"');
  let sdp: SessionDescription;
  try {
    sdp = parse(text);
  } catch {
    throw new SdpError(400, 'the session description cannot be read');
  }
  if (sdp.media.length === 0) throw new SdpError(400, 'there is no m= line');
  if (sdp.media.length > MAX_SECTIONS) throw new SdpError(422, `more than ${MAX_SECTIONS} m= lines are not taken`);
  const sections = sdp.media.map((media) => sectionOf(media, sdp));
  checkMids(sections);
  checkBundle(sections, sdp);
  for (const { media, direction, mid } of sections) {
    // The parser takes a=rtcp-mux-only (RFC 8858) for the same, which it is to us.
    if (direction === 'inactive' || media.rtcpMux !== undefined) continue;
    throw new SdpError(422, `RTP and RTCP have to share a port: a=rtcp-mux is missing in the m= section "${mid}"`);
  }
  const first = sections.find(({ direction }) => direction !== 'inactive') ?? sections[0];
  const media = first?.media as MediaDescription;
  return { ice: iceOf(media, sdp), dtls: dtlsOf(media, sdp), sections };
}

function sectionOf(media: MediaDescription, sdp: SessionDescription): Section {
  const isRtp = /^(UDP|TCP)\/TLS\/RTP\/SAVPF?$/.test(media.protocol);
  const kind = isRtp && (media.type === 'audio' || media.type === 'video') ? media.type : 'other';
  // A section with port 0 is rejected, unless it is only there for the bundle.
  const isRejected = media.port === 0 && media.bundleOnly === undefined;
  const direction = isRejected ? 'inactive' : (media.direction ?? sdp.direction ?? 'sendrecv');
  return { kind, mid: String(media.mid ?? ''), direction: kind === 'other' ? 'inactive' : direction, media };
}

function checkMids(sections: readonly Section[]): void {
  const mids = sections.filter(({ kind }) => kind !== 'other').map(({ mid }) => mid);
  if (mids.includes('')) throw new SdpError(400, 'an m= section has no a=mid');
  if (new Set(mids).size !== mids.length) throw new SdpError(400, 'two m= sections have the same a=mid');
}

/** RFC 9725, 4.4: all in one bundle. */
function checkBundle(sections: readonly Section[], sdp: SessionDescription): void {
  const active = sections.filter(({ direction }) => direction !== 'inactive');
  if (active.length < 2) return;
  const group = sdp.groups?.find(({ type }) => type === 'BUNDLE');
  const bundled = new Set(String(group?.mids ?? '').split(' '));
  if (active.every(({ mid }) => bundled.has(mid))) return;
  throw new SdpError(422, 'all m= sections have to be in one a=group:BUNDLE');
}

function iceOf(media: MediaDescription, sdp: SessionDescription): IceCredentials {
  const usernameFragment = media.iceUfrag ?? sdp.iceUfrag;
  const password = media.icePwd ?? sdp.icePwd;
  if (usernameFragment === undefined || password === undefined) {
    throw new SdpError(400, 'a=ice-ufrag or a=ice-pwd is missing');
  }
  return { usernameFragment: String(usernameFragment), password: String(password) };
}

/** The other end's certificate, and which end of DTLS it is: it may choose, then it is the client (RFC 5763, 5). */
function dtlsOf(media: MediaDescription, sdp: SessionDescription): DtlsParameters {
  const fingerprint = media.fingerprint ?? sdp.fingerprint;
  if (fingerprint === undefined) throw new SdpError(400, 'a=fingerprint is missing');
  const algorithm = fingerprint.type.toLowerCase();
  if (!isAlgorithm(algorithm) || !/^[0-9a-f]{2}(:[0-9a-f]{2})+$/i.test(fingerprint.hash)) {
    throw new SdpError(400, 'a=fingerprint cannot be used');
  }
  const setup = media.setup ?? sdp.setup ?? 'actpass';
  if (!['actpass', 'active', 'passive'].includes(setup)) throw new SdpError(400, 'a=setup cannot be used');
  return {
    role: setup === 'passive' ? 'server' : 'client',
    fingerprints: [{ algorithm, value: fingerprint.hash.toUpperCase() }],
  };
}

function isAlgorithm(text: string): text is Algorithm {
  return (ALGORITHMS as readonly string[]).includes(text);
}
