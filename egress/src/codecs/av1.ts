import { BitReader } from './bit-reader.ts';

/** The types of open bitstream units that matter here (AV1 specification section 6.2.2). */
export const OBU = { sequenceHeader: 1, temporalDelimiter: 2, tileList: 8, padding: 15 } as const;

/** Reads a little-endian base-128 number; undefined past the end. */
export function readLeb128(bytes: Buffer, at: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let index = 0; index < 8; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if ((byte & 0x80) === 0) return { value, end: at + index + 1 };
  }
  return undefined;
}

export function leb128(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    const more = rest >= 0x80;
    bytes.push((rest & 0x7f) | (more ? 0x80 : 0));
    rest = Math.floor(rest / 0x80);
  } while (rest > 0);
  return Buffer.from(bytes);
}

/** The OBU with its size in it, as files have it. */
export function withSize(obu: Buffer): Buffer {
  const [header = 0] = obu;
  if ((header & 0x02) !== 0) return obu;
  const headerLength = (header & 0x04) === 0 ? 1 : 2;
  const head = Buffer.from(obu.subarray(0, headerLength));
  head[0] = header | 0x02;
  return Buffer.concat([head, leb128(obu.length - headerLength), obu.subarray(headerLength)]);
}

export type SequenceHeader = { width: number; height: number; config: Buffer };

/** What a sequence header OBU (with its size in it) says, and the av1C record (AV1-ISOBMFF section 2.3) made of it. */
export function parseSequenceHeader(obu: Buffer): SequenceHeader | undefined {
  const start = ((obu[0] ?? 0) & 0x04) === 0 ? 1 : 2;
  const size = readLeb128(obu, start);
  if (size === undefined) return undefined;
  const bits = new BitReader(obu.subarray(size.end));
  const profile = bits.read(3);
  bits.skip(1);
  const isReduced = bits.read(1) === 1;
  let level = 0;
  let tier = 0;
  if (isReduced) level = bits.read(5);
  else {
    // Timing information is not sent over RTP by anybody known; streams with it are refused.
    if (bits.read(1) === 1) return undefined;
    const hasDelays = bits.read(1) === 1;
    const points = bits.read(5) + 1;
    for (let point = 0; point < points; point++) {
      bits.skip(12);
      const pointLevel = bits.read(5);
      const pointTier = pointLevel > 7 ? bits.read(1) : 0;
      if (hasDelays && bits.read(1) === 1) bits.skip(4);
      if (point === 0) [level, tier] = [pointLevel, pointTier];
    }
  }
  const [widthBits, heightBits] = [bits.read(4) + 1, bits.read(4) + 1];
  const [width, height] = [bits.read(widthBits) + 1, bits.read(heightBits) + 1];
  if (!isReduced) {
    if (bits.read(1) === 1) bits.skip(7);
  }
  bits.skip(3);
  if (!isReduced) skipTools(bits);
  bits.skip(3);
  const isHigh = bits.read(1);
  const isTwelve = profile === 2 && isHigh === 1 ? bits.read(1) : 0;
  const isMono = profile === 1 ? 0 : bits.read(1);
  // Profile 0 is 4:2:0, 1 is 4:4:4, and 2 is 4:2:2 but for 12 bits, which browsers do not send.
  const [subX, subY] = profile === 1 ? [0, 0] : profile === 2 ? [1, 0] : [1, 1];
  const flags = (tier << 7) | (isHigh << 6) | (isTwelve << 5) | (isMono << 4) | (subX << 3) | (subY << 2);
  return { width, height, config: Buffer.concat([Buffer.from([0x81, (profile << 5) | level, flags, 0]), obu]) };
}

/** From enable_interintra_compound to enable_restoration's neighbours (AV1 specification section 5.5.1). */
function skipTools(bits: BitReader): void {
  bits.skip(4);
  const hasOrderHint = bits.read(1) === 1;
  if (hasOrderHint) bits.skip(2);
  const choosesScreenTools = bits.read(1) === 1;
  const screenTools = choosesScreenTools ? 2 : bits.read(1);
  if (screenTools > 0 && bits.read(1) === 0) bits.skip(1);
  if (hasOrderHint) bits.skip(3);
}
