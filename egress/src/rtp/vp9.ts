import { BitReader } from '../codecs/bit-reader.ts';
import { VideoAssembler } from './video-assembler.ts';
import type { Depacketizer, Frame } from './frame.ts';

/** VP9 over RTP (RFC 9628). */
export function createVp9Depacketizer(): Depacketizer {
  return new VideoAssembler(parseVp9);
}

type Size = { width: number; height: number };
type Descriptor = { length: number; begins: boolean; ends: boolean; largest: Size | undefined };

/** The picture in these payloads: the frames of its spatial layers, with a superframe index where there are several. */
export function parseVp9(payloads: readonly Buffer[]): Omit<Frame, 'timestamp'> | undefined {
  const layers: Buffer[] = [];
  let parts: Buffer[] | undefined;
  let structureSize: Size | undefined;
  for (const payload of payloads) {
    const descriptor = parseDescriptor(payload);
    if (descriptor === undefined) return undefined;
    structureSize ??= descriptor.largest;
    if (descriptor.begins) parts = [];
    if (parts === undefined) return undefined;
    parts.push(payload.subarray(descriptor.length));
    if (!descriptor.ends) continue;
    layers.push(Buffer.concat(parts));
    parts = undefined;
  }
  const [base] = layers;
  if (parts !== undefined || base === undefined) return undefined;
  const header = parseVp9Header(base);
  if (header === undefined) return undefined;
  // Higher layers are predicted from the one below and say no size of their own; the scalability structure does.
  const size = header.keyFrame ? (structureSize ?? header.size) : undefined;
  const data = layers.length === 1 ? base : superframe(layers);
  return size === undefined ? { keyFrame: header.keyFrame, data } : { keyFrame: header.keyFrame, data, size };
}

/** RFC 9628 section 4.2. */
function parseDescriptor(payload: Buffer): Descriptor | undefined {
  const [first = 0] = payload;
  const has = (bit: number): boolean => (first & bit) !== 0;
  const [hasId, isPredicted, hasLayers, isFlexible, begins, ends, hasStructure] = [
    ...[has(0x80), has(0x40), has(0x20), has(0x10)],
    ...[has(0x08), has(0x04), has(0x02)],
  ] as const;
  let at = 1;
  let largest: Size | undefined;
  if (hasId) at += ((payload[at] ?? 0) & 0x80) === 0 ? 1 : 2;
  if (hasLayers) at += isFlexible ? 1 : 2;
  if (isFlexible && isPredicted) {
    for (let count = 0; count < 3; count++) if (((payload[at++] ?? 0) & 1) === 0) break;
  }
  if (hasStructure) {
    const structure = payload[at++] ?? 0;
    const layers = (structure >> 5) + 1;
    if ((structure & 0x10) !== 0) {
      at += layers * 4;
      if (at > payload.length) return undefined;
      largest = { width: payload.readUInt16BE(at - 4), height: payload.readUInt16BE(at - 2) };
    }
    if ((structure & 0x08) !== 0) {
      const groups = payload[at++] ?? 0;
      for (let group = 0; group < groups; group++) at += 1 + (((payload[at] ?? 0) >> 2) & 3);
    }
  }
  return at < payload.length ? { length: at, begins, ends, largest } : undefined;
}

type Header = { profile: number; keyFrame: boolean; size: Size | undefined };

/** The beginning of a frame's uncompressed header (VP9 bitstream specification, section 6.2). */
export function parseVp9Header(frame: Buffer): Header | undefined {
  const bits = new BitReader(frame);
  if (bits.read(2) !== 2) return undefined;
  const profile = bits.read(1) | (bits.read(1) << 1);
  if (profile === 3) bits.read(1);
  if (bits.read(1) === 1) return { profile, keyFrame: false, size: undefined };
  const keyFrame = bits.read(1) === 0;
  // Whether it is shown, and error resilient.
  bits.read(2);
  if (!keyFrame) return { profile, keyFrame, size: undefined };
  if (bits.read(24) !== 0x498342) return undefined;
  if (profile >= 2) bits.read(1);
  const colorSpace = bits.read(3);
  if (colorSpace === 7) {
    if (profile === 1 || profile === 3) bits.read(1);
  } else {
    bits.read(1);
    if (profile === 1 || profile === 3) bits.read(3);
  }
  const width = bits.read(16) + 1;
  return { profile, keyFrame, size: { width, height: bits.read(16) + 1 } };
}

/** Several frames in one, with the index at the end (VP9 bitstream specification, annex B). */
function superframe(frames: readonly Buffer[]): Buffer {
  const bytes = Math.max(1, Math.ceil(Math.log2(Math.max(...frames.map(({ length }) => length)) + 1) / 8));
  const marker = 0xc0 | ((bytes - 1) << 3) | (frames.length - 1);
  const index = Buffer.alloc(2 + bytes * frames.length);
  index[0] = marker;
  for (const [position, { length }] of frames.entries()) index.writeUIntLE(length, 1 + position * bytes, bytes);
  index[index.length - 1] = marker;
  return Buffer.concat([...frames, index]);
}
