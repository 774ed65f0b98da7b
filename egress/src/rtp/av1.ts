import { OBU, parseSequenceHeader, readLeb128, withSize } from '../codecs/av1.ts';
import { VideoAssembler } from './video-assembler.ts';
import type { Depacketizer, Frame } from './frame.ts';

/** AV1 over RTP (https://aomediacodec.github.io/av1-rtp-spec/). */
export function createAv1Depacketizer(): Depacketizer {
  return new VideoAssembler(parseAv1);
}

/** The temporal unit in these payloads. A key frame is one that begins a coded video sequence. */
export function parseAv1(payloads: readonly Buffer[]): Omit<Frame, 'timestamp'> | undefined {
  const units = obuElements(payloads);
  if (units === undefined) return undefined;
  const kept = units
    .filter((unit) => {
      const type = ((unit[0] ?? 0) >> 3) & 15;
      return type !== OBU.temporalDelimiter && type !== OBU.tileList && type !== OBU.padding;
    })
    .map(withSize);
  const sequence = kept.find((unit) => (((unit[0] ?? 0) >> 3) & 15) === OBU.sequenceHeader);
  const data = Buffer.concat(kept);
  const isNew = (((payloads[0]?.[0] ?? 0) >> 3) & 1) === 1;
  if (sequence === undefined || !isNew) return { keyFrame: false, data };
  const header = parseSequenceHeader(sequence);
  if (header === undefined) return undefined;
  const { width, height, config } = header;
  return { keyFrame: true, data, size: { width, height }, config };
}

/** Puts the OBU elements of the payloads together; undefined when a part is missing. */
function obuElements(payloads: readonly Buffer[]): Buffer[] | undefined {
  const units: Buffer[] = [];
  let open: Buffer[] | undefined;
  for (const payload of payloads) {
    const [header = 0] = payload;
    const [continues, goesOn, count] = [(header & 0x80) !== 0, (header & 0x40) !== 0, (header >> 4) & 3];
    if (continues !== (open !== undefined)) return undefined;
    let at = 1;
    for (let index = 1; at < payload.length; index++) {
      let end = payload.length;
      if (index !== count) {
        const length = readLeb128(payload, at);
        if (length === undefined || length.end + length.value > payload.length) return undefined;
        at = length.end;
        end = at + length.value;
      }
      const part = payload.subarray(at, end);
      at = end;
      const whole: Buffer[] = open ?? [];
      whole.push(part);
      if (at >= payload.length && goesOn) open = whole;
      else {
        units.push(Buffer.concat(whole));
        open = undefined;
      }
    }
  }
  return open === undefined ? units : undefined;
}
