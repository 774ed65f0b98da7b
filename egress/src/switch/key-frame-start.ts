import { NAL } from '../codecs/h264.ts';

/** The type of an H.264 NAL unit that begins a picture which needs no other: a parameter set, or the picture itself. */
const H264_STARTS: ReadonlySet<number> = new Set([NAL.idr, NAL.sps]);

/**
 * Whether a decoder can begin with this RTP payload: the first packet of a key frame. Errs on the side of no. `mimeType` in
 * lower case; of codecs that are not known every packet is one.
 */
export function startsKeyFrame(mimeType: string, payload: Buffer): boolean {
  const [first = 0, second = 0] = payload;
  if (payload.length < 2) return false;
  switch (mimeType) {
    case 'video/vp8': {
      // RFC 7741 section 4.2: the start of the first partition; then RFC 6386 section 9.1: bit 0 clear.
      if ((first & 0x10) === 0 || (first & 0x07) !== 0) return false;
      const at = vp8DescriptorLength(payload);
      return at < payload.length && ((payload[at] ?? 1) & 1) === 0;
    }
    case 'video/vp9':
      // RFC 9628 section 4.2: not predicted, and the beginning of a frame.
      return (first & 0x40) === 0 && (first & 0x08) !== 0;
    case 'video/h264': {
      const type = first & 0x1f;
      if (type === NAL.stapA) return payload.length > 3 && H264_STARTS.has((payload[3] ?? 0) & 0x1f);
      if (type === NAL.fuA) return (second & 0x80) !== 0 && H264_STARTS.has(second & 0x1f);
      return H264_STARTS.has(type);
    }
    case 'video/av1':
      // The bit N of the aggregation header: a new coded video sequence.
      return (first & 0x08) !== 0 && (first & 0x80) === 0;
    default:
      return true;
  }
}

/** RFC 7741 section 4.2, in bytes. */
export function vp8DescriptorLength(payload: Buffer): number {
  const [first = 0, extension = 0, picture = 0] = payload;
  if ((first & 0x80) === 0) return 1;
  let length = 2;
  if ((extension & 0x80) !== 0) length += (picture & 0x80) === 0 ? 1 : 2;
  if ((extension & 0x40) !== 0) length += 1;
  if ((extension & 0x30) !== 0) length += 1;
  return length;
}
