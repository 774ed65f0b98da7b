import { avcC, lengthPrefixed, NAL } from '../codecs/h264.ts';
import { sizeOfSps } from '../codecs/sps.ts';
import { VideoAssembler } from './video-assembler.ts';
import type { FrameParser } from './video-assembler.ts';
import type { Depacketizer } from './frame.ts';

/** H.264 over RTP (RFC 6184), in the non-interleaved mode that browsers use. Remembers the parameter sets. */
export function createH264Depacketizer(): Depacketizer {
  return new VideoAssembler(createH264Parser());
}

export function createH264Parser(): FrameParser {
  let sps: Buffer | undefined;
  let pps: Buffer | undefined;
  return (payloads) => {
    const units = nalUnits(payloads);
    if (units === undefined) return undefined;
    const kept: Unit[] = [];
    let keyFrame = false;
    for (const unit of units) {
      const type = (unit[0]?.[0] ?? 0) & 0x1f;
      if (type === NAL.sps) sps = Buffer.concat(unit);
      else if (type === NAL.pps) pps = Buffer.concat(unit);
      else if (type !== NAL.delimiter && type !== NAL.filler) {
        kept.push(unit);
        keyFrame ||= type === NAL.idr;
      }
    }
    const data = lengthPrefixed(kept);
    if (!keyFrame) return { keyFrame, data };
    if (sps === undefined || pps === undefined) return undefined;
    return { keyFrame, data, size: sizeOfSps(sps), config: avcC({ sps, pps }) };
  };
}

/** A NAL unit in pieces, as it was sent: it is put together once, with those beside it. */
type Unit = readonly Buffer[];

/** The NAL units in the payloads of one picture; undefined when a fragment is missing. */
function nalUnits(payloads: readonly Buffer[]): Unit[] | undefined {
  const units: Unit[] = [];
  let fragments: Buffer[] | undefined;
  for (const payload of payloads) {
    const first = payload[0] ?? 0;
    const header = payload[1] ?? 0;
    const type = first & 0x1f;
    if (type !== NAL.fuA && fragments !== undefined) return undefined;
    if (type >= 1 && type <= 23) units.push([payload]);
    else if (type === NAL.stapA) {
      for (let at = 1; at + 2 <= payload.length;) {
        const length = payload.readUInt16BE(at);
        if (length === 0 || at + 2 + length > payload.length) return undefined;
        units.push([payload.subarray(at + 2, at + 2 + length)]);
        at += 2 + length;
      }
    } else if (type === NAL.fuA) {
      if ((header & 0x80) !== 0) fragments = [Buffer.from([(first & 0xe0) | (header & 0x1f)])];
      if (fragments === undefined) return undefined;
      fragments.push(payload.subarray(2));
      if ((header & 0x40) === 0) continue;
      units.push(fragments);
      fragments = undefined;
    } else return undefined;
  }
  return fragments === undefined ? units : undefined;
}
