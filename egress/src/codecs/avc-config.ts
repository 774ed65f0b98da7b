/** What an avcC record says (ISO/IEC 14496-15 section 5.3.3.1). */
export type AvcConfig = {
  /** Bytes of the length before each NAL unit: 1, 2 or 4. */
  lengthSize: number;
  sps: Buffer[];
  pps: Buffer[];
};

/** @throws RangeError for what is none */
export function readAvcConfig(record: Buffer): AvcConfig {
  const lengthSize = (record.readUInt8(4) & 3) + 1;
  let at = 5;
  const sets = (count: number): Buffer[] =>
    Array.from({ length: count }, () => {
      const length = record.readUInt16BE(at);
      const end = at + 2 + length;
      if (length === 0 || end > record.length) throw new RangeError('a parameter set ends early');
      const set = record.subarray(at + 2, end);
      at = end;
      return set;
    });
  const sps = sets(record.readUInt8(at++) & 0x1f);
  const pps = sets(record.readUInt8(at++));
  if (sps.length === 0 || pps.length === 0) throw new RangeError('there is no parameter set');
  return { lengthSize, sps, pps };
}

/** Takes NAL units, each behind its length, apart. @throws RangeError when one ends early */
export function splitUnits(data: Buffer, lengthSize: number): Buffer[] {
  const units: Buffer[] = [];
  for (let at = 0; at < data.length;) {
    const start = at + lengthSize;
    const end = start + data.readUIntBE(at, lengthSize);
    if (end > data.length) throw new RangeError('a NAL unit ends early');
    if (end > start) units.push(data.subarray(start, end));
    at = end;
  }
  return units;
}
