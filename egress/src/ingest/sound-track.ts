import type { RtpWriter } from '../rtp/rtp-writer.ts';
import { PACKET_SAMPLES } from './opus-encoder.ts';

const TICKS_PER_MS = 48;
/** A sender's time may be this far from the samples counted before it is a gap, or another clock. */
const MOST_OFF_MS = 60;

/** Packets of Opus of 20 ms, at RTP times that count samples: a sender's milliseconds are too coarse to play sound by. */
export class SoundTrack {
  readonly #writer: RtpWriter;
  readonly #send: (packet: Buffer) => void;
  #next: number | undefined;
  /** By how many ticks RTP times are ahead of the sender's, lately. */
  #ahead = 0;

  constructor(writer: RtpWriter, send: (packet: Buffer) => void) {
    this.#writer = writer;
    this.#send = send;
  }

  /** The RTP time of a moment on the sender's clock. */
  rtpOf(ms: number): number {
    return Math.round(ms * TICKS_PER_MS + this.#ahead) >>> 0;
  }

  /** Sends a packet whose sound began at `ms`. */
  write(ms: number, data: Buffer): void {
    const due = Math.round(ms * TICKS_PER_MS);
    const begins = this.#next === undefined || Math.abs(due - this.#next) > MOST_OFF_MS * TICKS_PER_MS;
    const at = begins ? due : (this.#next ?? due);
    this.#ahead = begins ? 0 : this.#ahead * 0.9 + (at - due) * 0.1;
    this.#next = at + PACKET_SAMPLES;
    this.#send(this.#writer.write(data, at, begins));
  }
}
