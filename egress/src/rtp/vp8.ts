import { VideoAssembler } from './video-assembler.ts';
import type { Depacketizer, Frame } from './frame.ts';

/** VP8 over RTP (RFC 7741). */
export function createVp8Depacketizer(): Depacketizer {
  return new VideoAssembler(parseVp8);
}

/** The frame in these payloads, the first of which must be the beginning of the first partition. */
export function parseVp8(payloads: readonly Buffer[]): Omit<Frame, 'timestamp'> | undefined {
  const parts: Buffer[] = [];
  for (const [index, payload] of payloads.entries()) {
    const length = descriptorLength(payload);
    if (length === undefined) return undefined;
    const starts = ((payload[0] ?? 0) & 0x10) !== 0 && ((payload[0] ?? 0) & 0x07) === 0;
    if (index === 0 && !starts) return undefined;
    parts.push(payload.subarray(length));
  }
  const data = Buffer.concat(parts);
  if (data.length < 3) return undefined;
  // RFC 6386 section 9.1: bit 0 clear says key frame; its size follows the start code.
  const keyFrame = ((data[0] ?? 1) & 1) === 0;
  if (!keyFrame) return { keyFrame, data };
  if (data.length < 10 || data.readUIntBE(3, 3) !== 0x9d012a) return undefined;
  const size = { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff };
  return { keyFrame, data, size };
}

/** RFC 7741 section 4.2. */
function descriptorLength(payload: Buffer): number | undefined {
  const [first = 0, extension = 0, picture = 0] = payload;
  let length = 1;
  if ((first & 0x80) !== 0) {
    length = 2;
    if ((extension & 0x80) !== 0) length += (picture & 0x80) === 0 ? 1 : 2;
    if ((extension & 0x40) !== 0) length += 1;
    if ((extension & 0x30) !== 0) length += 1;
  }
  return length < payload.length ? length : undefined;
}
