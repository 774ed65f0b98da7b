import { createAv1Depacketizer } from './av1.ts';
import type { CodecName, Depacketizer } from './frame.ts';
import { createH264Depacketizer } from './h264.ts';
import { OpusDepacketizer } from './opus.ts';
import { createVp8Depacketizer } from './vp8.ts';
import { createVp9Depacketizer } from './vp9.ts';

const MAKERS: Partial<Record<CodecName, () => Depacketizer>> = {
  opus: () => new OpusDepacketizer(),
  vp8: createVp8Depacketizer,
  vp9: createVp9Depacketizer,
  h264: createH264Depacketizer,
  av1: createAv1Depacketizer,
};

/** The codec of a MIME type as RTP parameters have it (`video/VP8`), where there is a depacketiser for it. */
export function codecOf(mimeType: string): CodecName | undefined {
  const name = mimeType.toLowerCase().split('/')[1] as CodecName | undefined;
  return name !== undefined && name in MAKERS ? name : undefined;
}

export function createDepacketizer(codec: CodecName): Depacketizer {
  const make = MAKERS[codec];
  if (make === undefined) throw new Error(`there is no RTP format for ${codec}`);
  return make();
}
