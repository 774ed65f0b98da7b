import type { ReceiverOptions } from '@amphi/media';
import type { RtpCapabilities } from '@amphi/protocol';
import {
  offeredExtensions,
  type Offer,
  receivableCodecs,
  type ReceivableCodec,
  SdpError,
  type Section,
} from '../sdp/index.ts';
import { chooseCodec, codecFor, type Kind, type StageTrack } from './choose.ts';
import type { Codecs } from './stage.ts';

const KINDS = ['audio', 'video'] as const;

/** The sections of an offer that are made use of: the first of each kind that receives (a WHEP stream has one of each). */
export type Wanted = Partial<Record<Kind, Section>>;

/** @throws SdpError when nothing is to be received. */
export function wantedOf(offer: Offer): Wanted {
  const receives = ({ direction }: Section) => direction === 'recvonly' || direction === 'sendrecv';
  const wanted: Wanted = {};
  for (const kind of KINDS) {
    const section = offer.sections.find((each) => each.kind === kind && receives(each));
    if (section) wanted[kind] = section;
  }
  if (Object.keys(wanted).length > 0) return wanted;
  throw new SdpError(422, 'nothing is received: no audio or video section is a=recvonly or a=sendrecv');
}

/**
 * The codecs in which a player is given what is on stage, under its own payload types.
 * @throws SdpError where the two have nothing in common.
 */
export function agree(wanted: Wanted, stage: (kind: Kind) => StageTrack[], known: RtpCapabilities): Codecs {
  const codecs: Codecs = {};
  for (const kind of KINDS) {
    const section = wanted[kind];
    const codec = section && chooseCodec(stage(kind), receivableCodecs(section), namesOf(kind, known));
    if (codec) codecs[kind] = codec;
  }
  const { audio, video } = codecs;
  if (!audio && !video) {
    const sent = KINDS.flatMap((kind) => (wanted[kind] ? [...new Set(stage(kind).map(({ codec }) => codec))] : []));
    throw new SdpError(422, `none of the codecs offered is sent here now: that is ${sent.join(', ') || 'nothing'}`);
  }
  if (audio && audio.payloadType === video?.payloadType) {
    throw new SdpError(422, `one bundle cannot have payload type ${audio.payloadType} for sound and picture`);
  }
  return codecs;
}

/** The same codecs under the payload types of this server, for an offer of its own. */
export function asOwn(codecs: Codecs, known: RtpCapabilities): Codecs {
  const own: Codecs = {};
  for (const kind of KINDS) {
    const codec = codecs[kind];
    const found = codec && codecFor(codec.mimeType.toLowerCase(), ownCodecs(kind, known));
    if (found) own[kind] = found;
  }
  return own;
}

/** What a receiver is told of an offer that is answered: nothing that the player does not know. */
export function answering(wanted: Wanted, codecs: Codecs): Pick<ReceiverOptions, 'mids' | 'feedback' | 'extensions'> {
  const mids: ReceiverOptions['mids'] = {};
  const feedback: ReceiverOptions['feedback'] = {};
  const extensions: ReceiverOptions['extensions'] = {};
  for (const kind of KINDS) {
    const [section, codec] = [wanted[kind], codecs[kind]];
    if (!section || !codec) continue;
    mids[kind] = section.mid;
    feedback[kind] = codec.rtcpFeedback;
    extensions[kind] = offeredExtensions(section);
  }
  return { mids, feedback, extensions };
}

/** The codecs of a kind that this server knows, in lower case, in its order of preference. */
function namesOf(kind: Kind, known: RtpCapabilities): string[] {
  return [...new Set(ownCodecs(kind, known).map(({ mimeType }) => mimeType.toLowerCase()))];
}

function ownCodecs(kind: Kind, { codecs = [] }: RtpCapabilities): ReceivableCodec[] {
  return codecs.flatMap(({ kind: of, mimeType, preferredPayloadType, clockRate, channels, parameters, rtcpFeedback }) =>
    of === kind && preferredPayloadType !== undefined && !/\/rtx$/i.test(mimeType)
      ? {
          ...{ mimeType, clockRate, payloadType: preferredPayloadType, rtcpFeedback: rtcpFeedback ?? [] },
          ...(channels === undefined ? {} : { channels }),
          parameters: (parameters ?? {}) as ReceivableCodec['parameters'],
        }
      : [],
  );
}
