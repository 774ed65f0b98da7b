/** Puts payloads into RTP packets (RFC 3550 section 5.1) of one stream. */
export class RtpWriter {
  readonly #ssrc: number;
  readonly #payloadType: number;
  #sequence: number;

  /** @param sequence of the first packet */
  constructor(ssrc: number, payloadType: number, sequence = 0) {
    this.#ssrc = ssrc;
    this.#payloadType = payloadType;
    this.#sequence = sequence;
  }

  /** @param timestamp is taken modulo 2^32 */
  write(payload: Buffer, timestamp: number, marker: boolean): Buffer {
    const packet = Buffer.allocUnsafe(12 + payload.length);
    packet[0] = 0x80;
    packet[1] = (marker ? 0x80 : 0) | this.#payloadType;
    packet.writeUInt16BE(this.#sequence, 2);
    packet.writeUInt32BE(timestamp >>> 0, 4);
    packet.writeUInt32BE(this.#ssrc, 8);
    payload.copy(packet, 12);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    return packet;
  }
}
