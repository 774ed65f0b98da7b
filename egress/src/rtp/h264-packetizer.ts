import { NAL } from '../codecs/h264.ts';

/** Payloads of RTP packets that go over any usual network, with what RTP, SRTP, UDP and IP add. */
const MAX_PAYLOAD = 1180;

/** Cuts NAL units into RTP payloads (RFC 6184, packetization mode 1). `together`: small units that go into one packet. */
export function packetizeH264(together: readonly Buffer[], units: readonly Buffer[]): Buffer[] {
  const payloads: Buffer[] = [];
  const size = together.reduce((sum, unit) => sum + 2 + unit.length, 1);
  if (together.length > 1 && size <= MAX_PAYLOAD) payloads.push(aggregate(together));
  else payloads.push(...together.flatMap(fragments));
  payloads.push(...units.flatMap(fragments));
  return payloads;
}

function aggregate(units: readonly Buffer[]): Buffer {
  // The importance is that of the most important unit (section 5.7.1).
  const importance = Math.max(...units.map((unit) => (unit[0] ?? 0) & 0x60));
  const parts = units.flatMap((unit) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(unit.length);
    return [length, unit];
  });
  return Buffer.concat([Buffer.of(importance | NAL.stapA), ...parts]);
}

function fragments(unit: Buffer): Buffer[] {
  if (unit.length <= MAX_PAYLOAD) return [unit];
  const [header = 0] = unit;
  const payloads: Buffer[] = [];
  for (let at = 1; at < unit.length; at += MAX_PAYLOAD - 2) {
    const end = Math.min(unit.length, at + MAX_PAYLOAD - 2);
    const edge = (at === 1 ? 0x80 : 0) | (end === unit.length ? 0x40 : 0);
    payloads.push(
      Buffer.concat([Buffer.of((header & 0xe0) | NAL.fuA, edge | (header & 0x1f)), unit.subarray(at, end)]),
    );
  }
  return payloads;
}
