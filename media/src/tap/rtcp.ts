import type { SenderReport } from '@amphi/rooms';

const SENDER_REPORT = 200;
const TRANSPORT_FEEDBACK = 205;
const GENERIC_NACK = 1;
/** From 1900, where NTP begins, to 1970. */
const NTP_EPOCH_S = 2_208_988_800;

/** Whether a packet of a multiplexed RTP port is RTCP (RFC 5761 section 4). */
export function isRtcp(packet: Buffer): boolean {
  const type = packet[1] ?? 0;
  return type >= 192 && type <= 223;
}

/** The sender reports in a compound RTCP packet (RFC 3550 section 6.4.1). */
export function senderReports(packet: Buffer): SenderReport[] {
  const reports: SenderReport[] = [];
  for (let offset = 0; offset + 8 <= packet.length;) {
    const end = offset + (packet.readUInt16BE(offset + 2) + 1) * 4;
    if (packet[offset + 1] === SENDER_REPORT && offset + 20 <= packet.length) {
      const seconds = packet.readUInt32BE(offset + 8) - NTP_EPOCH_S;
      reports.push({
        ssrc: packet.readUInt32BE(offset + 4),
        capturedAt: seconds * 1000 + (packet.readUInt32BE(offset + 12) * 1000) / 2 ** 32,
        rtpTimestamp: packet.readUInt32BE(offset + 16),
      });
    }
    offset = end;
  }
  return reports;
}

/** A generic NACK (RFC 4585 section 6.2.1) for these sequence numbers, which are in order. */
export function nack(ssrc: number, sequences: readonly number[]): Buffer {
  const entries: { first: number; mask: number }[] = [];
  for (const sequence of sequences) {
    const last = entries.at(-1);
    const distance = last === undefined ? Infinity : (sequence - last.first) & 0xffff;
    if (last !== undefined && distance >= 1 && distance <= 16) last.mask |= 1 << (distance - 1);
    else entries.push({ first: sequence & 0xffff, mask: 0 });
  }
  const packet = Buffer.alloc(12 + entries.length * 4);
  packet.writeUInt8(0x80 | GENERIC_NACK, 0);
  packet.writeUInt8(TRANSPORT_FEEDBACK, 1);
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(ssrc, 4);
  packet.writeUInt32BE(ssrc, 8);
  for (const [index, { first, mask }] of entries.entries()) {
    packet.writeUInt16BE(first, 12 + index * 4);
    packet.writeUInt16BE(mask, 14 + index * 4);
  }
  return packet;
}
