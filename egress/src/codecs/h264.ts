/** The types of NAL units that matter here (ITU-T H.264 table 7-1), and of those that RTP has besides (RFC 6184). */
export const NAL = { idr: 5, sps: 7, pps: 8, delimiter: 9, filler: 12, stapA: 24, fuA: 28 } as const;

/** The parameter sets of a stream. */
export type ParameterSets = { sps: Buffer; pps: Buffer };

const START_CODE = Buffer.from([0, 0, 0, 1]);

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

/** NAL units, which may be in pieces, each behind its length in 4 bytes. */
export function lengthPrefixed(units: readonly (Buffer | readonly Buffer[])[]): Buffer {
  const all: Buffer[] = [];
  for (const unit of units) {
    const length = Buffer.allocUnsafe(4);
    const pieces = Buffer.isBuffer(unit) ? [unit] : unit;
    length.writeUInt32BE(pieces.reduce((sum, piece) => sum + piece.length, 0));
    all.push(length, ...pieces);
  }
  return Buffer.concat(all);
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
