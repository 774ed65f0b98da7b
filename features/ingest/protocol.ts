import { id, method, type OutputOf, source } from '@amphi/protocol';
import { z } from 'zod';

const figure = z.number().nullable();

/** What arrives of one track, as the server measures it; null for what is not known (yet), or is of no meaning. */
export const ingestTrack = z.object({
  memberId: id,
  /** What its sender is called. */
  name: z.string(),
  /** A program that publishes (WHIP, RTMP, SRT), which makes key frames when it wants to. */
  isProgram: z.boolean(),
  producerId: id,
  source,
  muted: z.boolean(),
  /** `h264`, `vp8`, `opus`, … */
  codec: z.string(),
  /** Of H.264: the numbers in its sequence parameter set (ITU-T H.264, A.2 and A.3), not what was negotiated. */
  profile: figure,
  level: figure,
  width: figure,
  height: figure,
  /** Pictures a second. */
  frameRate: figure,
  /** The longest time between two of the last key frames, or since the last one, in milliseconds. */
  keyFrameInterval: figure,
  /** Pictures are sent in another order than they are shown in. */
  hasBFrames: z.boolean(),
  /**
   * What the server does with a picture that comes with B-frames, or in a profile that browsers do not decode: `encoded` anew,
   * and the figures are of that; nothing, as there is `no-core` free for it or `no-ffmpeg` that can. Else it goes on `as-sent`.
   */
  treatment: z.enum(['as-sent', 'encoded', 'no-core', 'no-ffmpeg']),
  /** Bits per second. */
  bitrate: z.number(),
  /** The share of packets that get lost on the way here, 0 to 1. */
  loss: z.number(),
  /** Milliseconds. */
  roundTrip: figure,
  channels: figure,
});
export type IngestTrack = z.infer<typeof ingestTrack>;

/** A program whose stream the server did not take lately. */
export const refusedProgram = z.object({
  /** Of its stream key. */
  keyId: id,
  name: z.string(),
  protocol: z.enum(['rtmp', 'srt']),
  /** `no-h264`: the server is set up without it. `passphrase`: that of SRT is not the key's. */
  refusal: z.enum(['picture-codec', 'sound-codec', 'damaged', 'no-h264', 'passphrase']),
  /** Which codec it is that is not taken, as people call it, or what is damaged; else empty. */
  detail: z.string(),
  /** How long ago it was, in milliseconds. */
  ago: z.number(),
});
export type RefusedProgram = z.infer<typeof refusedProgram>;

export const ingestMethods = {
  'ingest.read': method({
    input: z.object({}),
    output: z.object({ tracks: z.array(ingestTrack), refused: z.array(refusedProgram) }),
    permission: 'live',
    rate: { burst: 5, perSecond: 1 },
    about:
      'Measures what arrives of everybody on stage, and tells of programs that were refused in the last minutes. It is measured only while somebody asks: ask every two seconds, and figures that take time come after a while.',
  }),
};
export type IngestMethods = typeof ingestMethods;
/** What arrives of a room, and what does not. */
export type IngestReading = OutputOf<IngestMethods, 'ingest.read'>;
