import type { Depacketizer, Frame } from './frame.ts';

/** Opus (RFC 7587): each packet is one. A loss is a gap in the timestamps, and no more. */
export class OpusDepacketizer implements Depacketizer {
  readonly needsKeyFrame = false;

  push({ timestamp, payload }: { timestamp: number; payload: Buffer }): Frame[] {
    return payload.length === 0 ? [] : [{ timestamp, keyFrame: true, data: payload }];
  }
}

/** Samples at 48 kHz in each frame, by the configuration number of the TOC byte (RFC 6716 section 3.1). */
const FRAME_SAMPLES = [480, 960, 1920, 2880] as const;
const CELT_SAMPLES = [120, 240, 480, 960] as const;

/** How long an Opus packet plays, in samples at 48 kHz (RFC 6716 section 3). */
export function opusDuration(packet: Buffer): number {
  const toc = packet[0] ?? 0;
  const counted = packet[1] ?? 0;
  const config = toc >> 3;
  const samples =
    config < 12
      ? (FRAME_SAMPLES[config & 3] ?? 960)
      : config < 16
        ? (FRAME_SAMPLES[config & 1] ?? 960)
        : (CELT_SAMPLES[config & 3] ?? 960);
  const code = toc & 3;
  const frames = code === 0 ? 1 : code === 3 ? counted & 0x3f : 2;
  return samples * frames;
}
