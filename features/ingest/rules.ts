import type { IngestTrack } from './protocol.ts';

/** What may be wrong; the catalogs have a sentence for each. */
export const PROBLEMS = [
  'nothing',
  'key-frames',
  'b-frames',
  'no-core',
  'no-ffmpeg',
  'encoded',
  'profile',
  'transcode',
  'slow',
  'thin',
  'fat',
  'loss',
  'far',
  'quiet',
] as const;
export type ProblemKind = (typeof PROBLEMS)[number];

/** What is wrong with a track, and the figures for the sentence about it. */
export type Problem = { kind: ProblemKind; params: Record<string, string | number> };

/** Who comes waits for a key frame, and a segment of HLS cannot be shorter than the way to the next one. */
const LONGEST_KEY_FRAME_INTERVAL_MS = 4000;
/** Profiles of H.264 that browsers decode: (constrained) baseline, main, high. */
const DECODABLE: ReadonlySet<number> = new Set([66, 77, 100]);
const LEAST_FRAME_RATE = 20;
/** Bits for a pixel of a picture, below which the picture of a camera falls apart in most encoders. */
const LEAST_BITS_PER_PIXEL = 0.03;
/** More than most viewers can receive. */
const MOST_BITRATE = 6_000_000;
const MOST_LOSS = 0.02;
const LONGEST_ROUND_TRIP_MS = 300;
/** Opus of silence has less. */
const LEAST_AUDIO_BITRATE = 6000;

/** What is wrong with what arrives, the worst first. Nothing is said of what is muted. */
export function problemsOf(track: IngestTrack): Problem[] {
  if (track.muted) return [];
  if (track.bitrate === 0) return [{ kind: 'nothing', params: {} }];
  const isAudio = track.source === 'microphone' || track.source === 'screen-audio';
  return [...(isAudio ? ofSound(track) : ofPicture(track)), ...ofNetwork(track)];
}

function ofPicture(track: IngestTrack): Problem[] {
  const { isProgram, keyFrameInterval, profile, codec, frameRate, width, height, bitrate, treatment } = track;
  const problems: Problem[] = [];
  // Browsers make a key frame when they are asked to; programs do not.
  if (isProgram && keyFrameInterval !== null && keyFrameInterval > LONGEST_KEY_FRAME_INTERVAL_MS) {
    problems.push({ kind: 'key-frames', params: { seconds: Math.round(keyFrameInterval / 1000) } });
  }
  if (treatment !== 'as-sent') problems.push({ kind: treatment, params: {} });
  else if (track.hasBFrames) problems.push({ kind: 'b-frames', params: {} });
  else if (profile !== null && !DECODABLE.has(profile)) problems.push({ kind: 'profile', params: { profile } });
  if (isProgram && codec !== 'h264') problems.push({ kind: 'transcode', params: { codec: codec.toUpperCase() } });
  const isCamera = track.source === 'camera';
  if (isCamera && frameRate !== null && frameRate < LEAST_FRAME_RATE) {
    problems.push({ kind: 'slow', params: { rate: Math.round(frameRate) } });
  }
  const needed = (width ?? 0) * (height ?? 0) * (frameRate ?? 0) * LEAST_BITS_PER_PIXEL;
  const isOfServer = treatment === 'encoded';
  if (isProgram && !isOfServer && bitrate < needed) {
    problems.push({ kind: 'thin', params: { kbps: kbps(bitrate), needed: kbps(needed), height: height ?? 0 } });
  }
  if (bitrate > MOST_BITRATE && !isOfServer) problems.push({ kind: 'fat', params: { kbps: kbps(bitrate) } });
  return problems;
}

function ofSound({ isProgram, bitrate }: IngestTrack): Problem[] {
  return isProgram && bitrate < LEAST_AUDIO_BITRATE ? [{ kind: 'quiet', params: {} }] : [];
}

function ofNetwork({ loss, roundTrip }: IngestTrack): Problem[] {
  const problems: Problem[] = [];
  if (loss > MOST_LOSS) problems.push({ kind: 'loss', params: { percent: Math.round(loss * 100) } });
  if (roundTrip !== null && roundTrip > LONGEST_ROUND_TRIP_MS) {
    problems.push({ kind: 'far', params: { ms: Math.round(roundTrip) } });
  }
  return problems;
}

function kbps(bitsPerSecond: number): number {
  return Math.round(bitsPerSecond / 1000);
}
