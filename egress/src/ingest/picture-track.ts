import { type AvcConfig, readAvcConfig, splitUnits } from '../codecs/avc-config.ts';
import { NAL } from '../codecs/h264.ts';
import { packetizeH264 } from '../rtp/h264-packetizer.ts';
import type { RtpWriter } from '../rtp/rtp-writer.ts';

const TICKS_PER_MS = 90;

/** H.264 as FLV has it, into RTP as WebRTC has it: nothing is encoded anew. */
export class PictureTrack {
  readonly #writer: RtpWriter;
  readonly #send: (packet: Buffer) => void;
  #config: AvcConfig | undefined;
  #isBegun = false;

  constructor(writer: RtpWriter, send: (packet: Buffer) => void) {
    this.#writer = writer;
    this.#send = send;
  }

  /** The RTP time of a moment on the sender's clock. */
  static rtpOf(ms: number): number {
    return Math.round(ms * TICKS_PER_MS) >>> 0;
  }

  /** @throws RangeError */
  configure(record: Buffer): void {
    this.#config = readAvcConfig(Buffer.from(record));
  }

  /**
   * Sends a picture that is shown at `ms`. Those before the first key frame are left out.
   * @throws RangeError for a picture that is cut off
   */
  write(ms: number, data: Buffer, keyFrame: boolean): void {
    const config = this.#config;
    if (!config) return;
    const units = splitUnits(data, config.lengthSize);
    const has = (type: number): boolean => units.some((unit) => typeOf(unit) === type);
    const isKey = keyFrame || has(NAL.idr);
    this.#isBegun ||= isKey;
    const kept = units.filter((unit) => typeOf(unit) !== NAL.delimiter && typeOf(unit) !== NAL.filler);
    if (!this.#isBegun || kept.length === 0) return;
    const payloads = packetizeH264(isKey && !has(NAL.sps) ? [...config.sps, ...config.pps] : [], kept);
    const timestamp = PictureTrack.rtpOf(ms);
    for (const [index, payload] of payloads.entries()) {
      this.#send(this.#writer.write(payload, timestamp, index === payloads.length - 1));
    }
  }
}

function typeOf(unit: Buffer): number {
  return (unit[0] ?? 0) & 0x1f;
}
