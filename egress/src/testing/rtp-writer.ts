const NTP_EPOCH_S = 2_208_988_800;

export type RtpStreamOptions = { ssrc: number; payloadType: number };

/** Writes the packets of one RTP stream (RFC 3550), each the last of its frame, numbered from just before the wrap. */
export class RtpWriter {
  readonly #options: RtpStreamOptions;
  #sequence = 65_500;
  #packets = 0;
  #bytes = 0;

  constructor(options: RtpStreamOptions) {
    this.#options = options;
  }

  packet(rtp: number, payload: Buffer): Buffer {
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#packets += 1;
    this.#bytes += payload.length;
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = 0x80 | this.#options.payloadType;
    header.writeUInt16BE(this.#sequence, 2);
    header.writeUInt32BE(Math.round(rtp) >>> 0, 4);
    header.writeUInt32BE(this.#options.ssrc, 8);
    return Buffer.concat([header, payload]);
  }

  /** A sender report: what both clocks show at one moment (section 6.4.1). `wall`: milliseconds since the epoch. */
  report(wall: number, rtp: number): Buffer {
    const report = Buffer.alloc(28);
    report[0] = 0x80;
    report[1] = 200;
    report.writeUInt16BE(6, 2);
    report.writeUInt32BE(this.#options.ssrc, 4);
    report.writeUInt32BE(Math.floor(wall / 1000) + NTP_EPOCH_S, 8);
    report.writeUInt32BE(Math.floor(((wall % 1000) / 1000) * 2 ** 32), 12);
    report.writeUInt32BE(Math.round(rtp) >>> 0, 16);
    report.writeUInt32BE(this.#packets, 20);
    report.writeUInt32BE(this.#bytes, 24);
    return report;
  }
}
