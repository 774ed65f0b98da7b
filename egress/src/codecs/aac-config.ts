import { BitReader } from './bit-reader.ts';

/** ISO/IEC 14496-3 table 1.18. */
const RATES = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350];

/** Samples a second of the core of AAC, of which each frame has 1024. @throws RangeError when the config says none */
export function aacCoreRate(config: Buffer): number {
  const bits = new BitReader(config);
  // An escape makes the object type longer.
  if (bits.read(5) === 31) bits.skip(6);
  const index = bits.read(4);
  const rate = index === 15 ? bits.read(24) : RATES[index];
  if (rate === undefined || rate < 1000)
    throw new RangeError(`AAC of ${rate ?? 'an unknown number of'} samples a second`);
  return rate;
}
