import { avcC, lengthPrefixed } from '../codecs/h264.ts';
import type { ProgramRendition } from '../program/program.ts';
import { BitWriter } from './bit-writer.ts';

/** Pictures without anything on them, in H.264 (constrained baseline), made without an encoder. */
export type BlackVideo = ProgramRendition & {
  /** The picture after the last one: a key frame each {@link BLACK_KEY_EVERY}. */
  next(): { keyFrame: boolean; data: Buffer };
};

/** What a player is given where nobody sends a picture: one that began with a picture waits for it forever. */
export const BLACK_FPS = 10;
/** In pictures: two seconds. */
export const BLACK_KEY_EVERY = 20;

const [BLACK, GREY] = [16, 128];

export function createBlackVideo({ width, height }: { width: number; height: number }): BlackVideo {
  const [columns, rows] = [Math.ceil(width / 16), Math.ceil(height / 16)];
  const sps = nal(0x67, sequence(width, height, columns, rows));
  const pps = nal(0x68, pictures());
  let count = 0;
  return {
    width,
    height,
    config: avcC({ sps, pps }),
    next() {
      const inGroup = count % BLACK_KEY_EVERY;
      // Two key frames in a row must have different ids.
      const unit =
        inGroup === 0
          ? nal(0x65, keySlice(columns, rows, (count / BLACK_KEY_EVERY) % 2))
          : nal(0x41, skippedSlice(columns * rows, inGroup % 16));
      count += 1;
      return { keyFrame: inGroup === 0, data: lengthPrefixed([unit]) };
    },
  };
}

/** The sequence parameter set (section 7.3.2.1.1): order of output is that of decoding, one reference. */
function sequence(width: number, height: number, columns: number, rows: number): Buffer {
  const bits = new BitWriter();
  bits.write(66, 8).write(0xc0, 8).write(31, 8);
  bits.golomb(0).golomb(0).golomb(2).golomb(1).write(0, 1);
  bits
    .golomb(columns - 1)
    .golomb(rows - 1)
    .write(1, 1)
    .write(1, 1);
  const [right, bottom] = [(columns * 16 - width) >> 1, (rows * 16 - height) >> 1];
  if (right + bottom === 0) bits.write(0, 1);
  else bits.write(1, 1).golomb(0).golomb(right).golomb(0).golomb(bottom);
  return end(bits.write(0, 1));
}

/** The picture parameter set (section 7.3.2.2): slices say that they are not to be filtered. */
function pictures(): Buffer {
  const bits = new BitWriter();
  bits.golomb(0).golomb(0).write(0, 2).golomb(0).golomb(0).golomb(0).write(0, 3);
  return end(bits.golomb(0).golomb(0).golomb(0).write(1, 1).write(0, 2));
}

/** The first block as it is (I_PCM); every other one is predicted from its neighbours, without a difference. */
function keySlice(columns: number, rows: number, id: number): Buffer {
  const bits = new BitWriter();
  bits.golomb(0).golomb(7).golomb(0).write(0, 4).golomb(id).write(0, 2).golomb(0).golomb(1);
  bits.golomb(25).align();
  for (let index = 0; index < 256; index++) bits.write(BLACK, 8);
  for (let index = 0; index < 128; index++) bits.write(GREY, 8);
  for (let block = 1; block < columns * rows; block++) {
    bits.golomb(3).golomb(0).golomb(0);
    // No coefficients; the code depends on how many the neighbours have, and the first block counts as full (section 9.2.1).
    if (block === 1 || block === columns) bits.write(3, 6);
    else bits.write(1, 1);
  }
  return end(bits);
}

/** All as it was. */
function skippedSlice(blocks: number, frameNumber: number): Buffer {
  const bits = new BitWriter();
  bits.golomb(0).golomb(5).golomb(0).write(frameNumber, 4).write(0, 3).golomb(0).golomb(1);
  return end(bits.golomb(blocks));
}

function end(bits: BitWriter): Buffer {
  return bits.write(1, 1).align().toBuffer();
}

/** A NAL unit, with the bytes that keep start codes from occurring (section 7.4.1). */
function nal(header: number, payload: Buffer): Buffer {
  const out = [header];
  let zeros = 0;
  for (const byte of payload) {
    if (zeros >= 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out.push(byte);
  }
  return Buffer.from(out);
}
