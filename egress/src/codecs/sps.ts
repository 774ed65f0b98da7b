import { BitReader } from './bit-reader.ts';

/** What a sequence parameter set of H.264 says (ITU-T H.264 section 7.3.2.1.1). */
export type Sps = {
  profile: number;
  /** Of the pictures, after cropping. */
  width: number;
  height: number;
  /** Pictures a second, where it says so. */
  frameRate: number | undefined;
  /** Whether pictures may be shown in another order than they come in. */
  mayReorder: boolean;
};

/** Profiles whose SPS says more of the chroma format. */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
/** The one that has no B-frames, whatever else it says. */
const BASELINE = 66;
/** The aspect ratio is written out. */
const EXTENDED_RATIO = 255;

export function readSps(sps: Buffer): Sps {
  const bits = new BitReader(withoutEmulation(sps));
  bits.skip(8);
  const profile = bits.read(8);
  bits.skip(16);
  bits.golomb();
  let chroma = 1;
  if (HIGH_PROFILES.has(profile)) {
    chroma = bits.golomb();
    if (chroma === 3) bits.skip(1);
    bits.golomb();
    bits.golomb();
    bits.skip(1);
    if (bits.read(1) === 1) skipScalingLists(bits, chroma === 3 ? 12 : 8);
  }
  bits.golomb();
  const orderType = bits.golomb();
  if (orderType === 0) bits.golomb();
  else if (orderType === 1) {
    bits.skip(1);
    bits.signedGolomb();
    bits.signedGolomb();
    const count = bits.golomb();
    for (let index = 0; index < count && index < 256; index++) bits.signedGolomb();
  }
  bits.golomb();
  bits.skip(1);
  const size = readSize(bits, chroma);
  const { frameRate, reorders } = bits.read(1) === 1 ? readUsability(bits) : NOTHING_SAID;
  // Order type 2: the order of output is that of decoding (section 8.2.1.3).
  const mayReorder = profile !== BASELINE && orderType !== 2 && reorders !== 0;
  return { profile, ...size, frameRate, mayReorder };
}

/** The size of the pictures, after cropping. */
export function sizeOfSps(sps: Buffer): { width: number; height: number } {
  const { width, height } = readSps(sps);
  return { width, height };
}

function readSize(bits: BitReader, chroma: number): { width: number; height: number } {
  const columns = bits.golomb() + 1;
  const rows = bits.golomb() + 1;
  const isProgressive = bits.read(1);
  if (isProgressive === 0) bits.skip(1);
  bits.skip(1);
  const width = columns * 16;
  const height = rows * 16 * (2 - isProgressive);
  if (bits.read(1) === 0) return { width, height };
  const [left, right, top, bottom] = [bits.golomb(), bits.golomb(), bits.golomb(), bits.golomb()];
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitY = (chroma === 1 ? 2 : 1) * (2 - isProgressive);
  return { width: width - (left + right) * unitX, height: height - (top + bottom) * unitY };
}

/** `reorders`: how many pictures may be held back for others. */
type Usability = { frameRate: number | undefined; reorders: number | undefined };
const NOTHING_SAID: Usability = { frameRate: undefined, reorders: undefined };

/** Video usability information (section E.1.1). */
function readUsability(bits: BitReader): Usability {
  const has = (): boolean => bits.read(1) === 1;
  if (has() && bits.read(8) === EXTENDED_RATIO) bits.skip(32);
  if (has()) bits.skip(1);
  if (has()) {
    bits.skip(4);
    if (has()) bits.skip(24);
  }
  if (has()) {
    bits.golomb();
    bits.golomb();
  }
  let frameRate: number | undefined;
  if (has()) {
    const [tick, scale] = [bits.read(32), bits.read(32)];
    bits.skip(1);
    // A tick is that of a field.
    if (tick > 0) frameRate = scale / tick / 2;
  }
  const [forNal, forVcl] = [has() && skipBufferModel(bits), has() && skipBufferModel(bits)];
  if (forNal || forVcl) bits.skip(1);
  bits.skip(1);
  if (!has()) return { frameRate, reorders: undefined };
  bits.skip(1);
  for (let field = 0; field < 4; field++) bits.golomb();
  return { frameRate, reorders: bits.golomb() };
}

/** Section E.1.2. */
function skipBufferModel(bits: BitReader): true {
  const count = bits.golomb() + 1;
  bits.skip(8);
  for (let index = 0; index < count && index < 32; index++) {
    bits.golomb();
    bits.golomb();
    bits.skip(1);
  }
  bits.skip(20);
  return true;
}

/** Takes out the bytes that keep start codes from occurring (section 7.4.1). */
function withoutEmulation(unit: Buffer): Buffer {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of unit) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out.push(byte);
  }
  return Buffer.from(out);
}

function skipScalingLists(bits: BitReader, count: number): void {
  for (let list = 0; list < count; list++) {
    if (bits.read(1) === 0) continue;
    let [last, next] = [8, 8];
    for (let index = 0; index < (list < 6 ? 16 : 64); index++) {
      if (next !== 0) next = (last + bits.signedGolomb() + 256) % 256;
      if (next !== 0) last = next;
    }
  }
}
