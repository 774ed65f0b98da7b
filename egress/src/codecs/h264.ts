import { BitReader } from './bit-reader.ts';

/** The types of NAL units that matter here (ITU-T H.264 table 7-1), and of those that RTP has besides (RFC 6184). */
export const NAL = { idr: 5, sps: 7, pps: 8, delimiter: 9, filler: 12, stapA: 24, fuA: 28 } as const;

/** The parameter sets of a stream. */
export type ParameterSets = { sps: Buffer; pps: Buffer };

const START_CODE = Buffer.from([0, 0, 0, 1]);

/** Profiles whose SPS says more of the chroma format (ITU-T H.264 section 7.3.2.1.1). */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** The size of the pictures, after cropping. */
export function sizeOfSps(sps: Buffer): { width: number; height: number } {
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

/** The decoder configuration record (ISO/IEC 14496-15 section 5.3.3.1), which says that NAL lengths have 4 bytes. */
export function avcC({ sps, pps }: ParameterSets): Buffer {
  const [, profile = 0, constraints = 0, level = 0] = sps;
  const parts = [
    Buffer.from([1, profile, constraints, level, 0xff, 0xe1, sps.length >> 8, sps.length & 0xff]),
    sps,
    Buffer.from([1, pps.length >> 8, pps.length & 0xff]),
    pps,
  ];
  if (profile === 100 || profile === 110 || profile === 122 || profile === 244) {
    // 4:2:0 in 8 bits, as browsers and encoders for them send; other formats have other profiles.
    parts.push(Buffer.from([0xfc | 1, 0xf8, 0xf8, 0]));
  }
  return Buffer.concat(parts);
}

/** NAL units, each behind its length in 4 bytes. */
export function lengthPrefixed(units: readonly Buffer[]): Buffer {
  return Buffer.concat(
    units.flatMap((unit) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(unit.length);
      return [length, unit];
    }),
  );
}

/** The same with start codes (ITU-T H.264 annex B), behind the parameter sets of an avcC record where there is one. */
export function toAnnexB(data: Buffer, config?: Buffer): Buffer {
  const units = config ? parameterSetsOf(config) : [];
  for (let at = 0; at + 4 <= data.length;) {
    const end = at + 4 + data.readUInt32BE(at);
    units.push(data.subarray(at + 4, end));
    at = end;
  }
  return Buffer.concat(units.flatMap((unit) => [START_CODE, unit]));
}

/** The parameter sets in a record that {@link avcC} made, or another that has one of each. */
function parameterSetsOf(config: Buffer): Buffer[] {
  const spsLength = config.readUInt16BE(6);
  const ppsAt = 8 + spsLength + 1;
  const ppsLength = config.readUInt16BE(ppsAt);
  return [config.subarray(8, 8 + spsLength), config.subarray(ppsAt + 2, ppsAt + 2 + ppsLength)];
}

/** Takes out the bytes that keep start codes from occurring (ITU-T H.264 section 7.4.1). */
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
