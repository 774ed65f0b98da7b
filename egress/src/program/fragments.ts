const HEADER = 8;
/** Flags of `tfhd` and `trun` (ISO/IEC 14496-12 sections 8.8.7 and 8.8.8): which fields there are, in their order. */
const TFHD = { baseOffset: 0x1, description: 0x2, duration: 0x8, size: 0x10 };
const TRUN = { dataOffset: 0x1, firstFlags: 0x4, duration: 0x100, size: 0x200, flags: 0x400, composition: 0x800 };

/** Takes the frames out of a fragmented MP4 of one track (ISO/IEC 14496-12 section 8.8), which comes in pieces of any size. */
export class FragmentParser {
  #rest: Buffer = Buffer.alloc(0);
  /** Of the fragment whose data comes next. */
  #sizes: number[] = [];

  /** The frames of the fragments that are complete by this piece. */
  push(piece: Buffer): Buffer[] {
    const frames: Buffer[] = [];
    let bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    while (bytes.length >= HEADER) {
      const length = Math.max(HEADER, bytes.readUInt32BE(0));
      if (bytes.length < length) break;
      const content = bytes.subarray(HEADER, length);
      const type = typeOf(bytes);
      if (type === 'moof') this.#sizes = sampleSizes(content);
      else if (type === 'mdat') {
        let at = 0;
        for (const size of this.#sizes) frames.push(content.subarray(at, (at += size)));
        this.#sizes = [];
      }
      bytes = bytes.subarray(length);
    }
    this.#rest = bytes;
    return frames;
  }
}

/** The sizes of all samples that a `moof` tells of. */
function sampleSizes(moof: Buffer): number[] {
  const sizes: number[] = [];
  let usual = 0;
  const visit = (boxes: Buffer): void => {
    for (let at = 0; at + HEADER <= boxes.length;) {
      const end = at + Math.max(HEADER, boxes.readUInt32BE(at));
      const content = boxes.subarray(at + HEADER, end);
      const type = typeOf(boxes.subarray(at));
      if (type === 'traf') visit(content);
      else if (type === 'tfhd') usual = usualSize(content);
      else if (type === 'trun') sizes.push(...runSizes(content, usual));
      at = end;
    }
  };
  visit(moof);
  return sizes;
}

/** What a `tfhd` says of samples that no `trun` tells the size of. */
function usualSize(tfhd: Buffer): number {
  const flags = tfhd.readUIntBE(1, 3);
  if ((flags & TFHD.size) === 0) return 0;
  const before = widthOf(flags, TFHD.description, TFHD.duration) + ((flags & TFHD.baseOffset) === 0 ? 0 : 8);
  return tfhd.readUInt32BE(8 + before);
}

function runSizes(trun: Buffer, usual: number): number[] {
  const flags = trun.readUIntBE(1, 3);
  const count = trun.readUInt32BE(4);
  const first = 8 + widthOf(flags, TRUN.dataOffset, TRUN.firstFlags) + widthOf(flags, TRUN.duration);
  const each = widthOf(flags, TRUN.duration, TRUN.size, TRUN.flags, TRUN.composition);
  return Array.from({ length: count }, (_, index) =>
    (flags & TRUN.size) === 0 ? usual : trun.readUInt32BE(first + index * each),
  );
}

/** How many bytes those of these fields take that are there, of four each. */
function widthOf(flags: number, ...fields: readonly number[]): number {
  let width = 0;
  for (const field of fields) if ((flags & field) !== 0) width += 4;
  return width;
}

const typeOf = (box: Buffer): string => box.toString('latin1', 4, HEADER);
