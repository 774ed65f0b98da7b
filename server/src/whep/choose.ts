import type { Source } from '@amphi/protocol';
import type { ReceivableCodec } from '../sdp/index.ts';

export type Kind = 'audio' | 'video';

/** A track of somebody on stage. */
export type StageTrack = {
  producerId: string;
  memberId: string;
  kind: Kind;
  source: Source;
  /** Its MIME type in lower case. */
  codec: string;
  muted: boolean;
};

/**
 * The tracks of a kind that may be shown now, the one to be shown first. A shared screen comes before whoever speaks, and
 * that before what is shown already; a voice comes before the sound of a screen. Muted ones are none.
 */
export function rank(
  tracks: readonly StageTrack[],
  kind: Kind,
  speakerId: string | null,
  shown: string | undefined,
): StageTrack[] {
  const weight = ({ source, memberId, producerId }: StageTrack): number => {
    const isSpeaker = memberId === speakerId && (source === 'microphone' || source === 'camera');
    if (source === 'screen') return producerId === shown ? 0 : 1;
    if (isSpeaker) return 2;
    if (source === 'screen-audio') return 3;
    return producerId === shown ? 4 : 5;
  };
  return tracks.filter((track) => track.kind === kind && !track.muted).toSorted((a, b) => weight(a) - weight(b));
}

/** H.264 profiles that a receiver may name, the one that includes the others first. */
const PROFILES = ['64', '4d', '42'];

/**
 * The receiver's codec for a MIME type (in lower case); undefined where it has none. Of several for H.264 the one of the
 * highest profile, which decodes the lower ones too: publishers often send another profile than they say.
 */
export function codecFor(mimeType: string, offered: readonly ReceivableCodec[]): ReceivableCodec | undefined {
  const same = offered.filter((codec) => codec.mimeType.toLowerCase() === mimeType);
  if (mimeType !== 'video/h264') return same[0];
  const profileOf = ({ parameters }: ReceivableCodec) =>
    PROFILES.indexOf(
      String(parameters['profile-level-id'] ?? '42e01f')
        .slice(0, 2)
        .toLowerCase(),
    );
  return same
    .filter((codec) => Number(codec.parameters['packetization-mode'] ?? 0) === 1 && profileOf(codec) >= 0)
    .toSorted((a, b) => profileOf(a) - profileOf(b))[0];
}

/**
 * What a receiver is given of a kind: of what is on stage the first that it can receive, or else, where nothing is there
 * yet, the first codec that the stage may come to send. Undefined where the two have nothing in common.
 */
export function chooseCodec(
  ranked: readonly StageTrack[],
  offered: readonly ReceivableCodec[],
  usual: readonly string[],
): ReceivableCodec | undefined {
  const codecs = ranked.length > 0 ? ranked.map(({ codec }) => codec) : usual;
  for (const codec of codecs) {
    const found = codecFor(codec, offered);
    if (found) return found;
  }
  return undefined;
}
