/** An RTP packet (RFC 3550 section 5.1), as far as a receiver needs it. */
export type RtpPacket = {
  payloadType: number;
  /** The last packet of a frame, with video; the first after silence, with audio. */
  marker: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
  /** Without padding. A view of the buffer that was parsed. */
  payload: Buffer;
};

/** Parses a packet; undefined for what is none. */
export function parseRtp(packet: Buffer): RtpPacket | undefined {
  // By index: to take a buffer apart goes through its iterator, for each packet.
  const first = packet[0] ?? 0;
  const second = packet[1] ?? 0;
  if (packet.length < 12 || first >> 6 !== 2) return undefined;
  let start = 12 + (first & 0x0f) * 4;
  if ((first & 0x10) !== 0) {
    if (start + 4 > packet.length) return undefined;
    start += 4 + packet.readUInt16BE(start + 2) * 4;
  }
  const end = packet.length - ((first & 0x20) === 0 ? 0 : (packet.at(-1) ?? 0));
  if (start > end) return undefined;
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    payload: packet.subarray(start, end),
  };
}
