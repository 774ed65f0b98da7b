import { RtpWriter } from '../rtp/rtp-writer.ts';

const NTP_EPOCH_S = 2_208_988_800;

export type RtpStreamOptions = { ssrc: number; payloadType: number };

/** Writes the packets of one RTP stream, each the last of its frame, numbered from just before the wrap; and its reports. */
export class RtpSource {
  readonly #ssrc: number;
  readonly #writer: RtpWriter;
  #packets = 0;
  #bytes = 0;

  constructor({ ssrc, payloadType }: RtpStreamOptions) {
    this.#ssrc = ssrc;
    this.#writer = new RtpWriter(ssrc, payloadType, 65_501);
  }

  packet(rtp: number, payload: Buffer): Buffer {
    this.#packets += 1;
    this.#bytes += payload.length;
    return this.#writer.write(payload, Math.round(rtp), true);
  }

  /** A sender report: what both clocks show at one moment (RFC 3550 section 6.4.1). `wall`: milliseconds since the epoch. */
  report(wall: number, rtp: number): Buffer {
    const report = Buffer.alloc(28);
    report[0] = 0x80;
    report[1] = 200;
    report.writeUInt16BE(6, 2);
    report.writeUInt32BE(this.#ssrc, 4);
    report.writeUInt32BE(Math.floor(wall / 1000) + NTP_EPOCH_S, 8);
    report.writeUInt32BE(Math.floor(((wall % 1000) / 1000) * 2 ** 32), 12);
    report.writeUInt32BE(Math.round(rtp) >>> 0, 16);
    report.writeUInt32BE(this.#packets, 20);
    report.writeUInt32BE(this.#bytes, 24);
    return report;
  }
}
