import type { SenderReport } from '@amphi/rooms';

const SENDER_REPORT = 200;
/** Payload-specific feedback (RFC 4585): picture loss indication is its format 1, full intra request (RFC 5104) 4. */
const PSFB = 206;
const KEY_FRAME_FORMATS: ReadonlySet<number> = new Set([1, 4]);
/** Seconds between 1900, where NTP begins, and 1970. */
const NTP_OFFSET_S = 2_208_988_800;

/** Whether one of the packets in a compound RTCP packet asks for a key frame. */
export function asksForKeyFrame(compound: Buffer): boolean {
  for (let at = 0; at + 4 <= compound.length;) {
    if (compound[at + 1] === PSFB && KEY_FRAME_FORMATS.has((compound[at] ?? 0) & 0x1f)) return true;
    at += (compound.readUInt16BE(at + 2) + 1) * 4;
  }
  return false;
}

/** RFC 3550 section 6.4.1, without report blocks; counts are left at 0, nobody reads them. */
export function senderReport({ ssrc, rtpTimestamp, capturedAt }: SenderReport): Buffer {
  const packet = Buffer.alloc(28);
  packet[0] = 0x80;
  packet[1] = SENDER_REPORT;
  packet.writeUInt16BE(6, 2);
  packet.writeUInt32BE(ssrc, 4);
  const seconds = Math.floor(capturedAt / 1000);
  packet.writeUInt32BE((seconds + NTP_OFFSET_S) >>> 0, 8);
  packet.writeUInt32BE(Math.floor(((capturedAt / 1000 - seconds) * 2 ** 32) % 2 ** 32), 12);
  packet.writeUInt32BE(rtpTimestamp, 16);
  return packet;
}
