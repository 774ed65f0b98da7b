import type { CodecName } from '../../rtp/frame.ts';
import { toAnnexB } from '../../codecs/h264.ts';

/** Frames are counted and not timed: what is decoded comes out in the order in which it went in. */
const RATE = 30;

const FOURCC: Partial<Record<CodecName, string>> = { vp8: 'VP80', vp9: 'VP90', av1: 'AV01', h264: 'H264' };

/** The head of an IVF file: frames follow with their lengths, so that a reader has each as soon as it is there. */
export function ivfHeader(codec: CodecName, { width, height }: { width: number; height: number }): Buffer {
  const header = Buffer.alloc(32);
  header.write('DKIF', 0, 'latin1');
  header.writeUInt16LE(32, 6);
  header.write(FOURCC[codec] ?? '', 8, 'latin1');
  header.writeUInt16LE(width, 12);
  header.writeUInt16LE(height, 14);
  header.writeUInt32LE(RATE, 16);
  header.writeUInt32LE(1, 20);
  return header;
}

/** A frame of it. H.264 comes with lengths and a configuration record, and is put down with start codes. */
export function ivfFrame(codec: CodecName, count: number, data: Buffer, config: Buffer | undefined): Buffer {
  const bytes = codec === 'h264' ? toAnnexB(data, config) : data;
  const header = Buffer.alloc(12);
  header.writeUInt32LE(bytes.length, 0);
  header.writeBigUInt64LE(BigInt(count), 4);
  return Buffer.concat([header, bytes]);
}
