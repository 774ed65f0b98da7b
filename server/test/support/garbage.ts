import { randomBytes } from 'node:crypto';

/** What RFC 7983 has in the first byte: STUN, DTLS, TURN channels, RTP and RTCP, and what is nothing. */
const FIRST_BYTES = [0, 1, 22, 23, 64, 128, 144, 200, 255];

/** A packet that begins like one of those that come to a media port, and goes on at random. */
export function garbage(n: number): Buffer {
  const packet = randomBytes(12 + (n % 1200));
  packet[0] = FIRST_BYTES[n % FIRST_BYTES.length] ?? 0;
  // Every other one has the length and the magic cookie of STUN (RFC 8489), so that its attributes are read.
  if (n % 2 === 0) {
    packet.writeUInt16BE((packet.length - 20 > 0 ? packet.length - 20 : 0) & ~3, 2);
    packet.writeUInt32BE(0x2112a442, 4);
  }
  return packet;
}

/** As it travels over TCP (RFC 4571). */
export function framed(packet: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(packet.length);
  return Buffer.concat([length, packet]);
}
