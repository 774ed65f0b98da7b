import type { Logger } from '@amphi/rooms';
import { aacCoreRate } from '../codecs/aac-config.ts';
import { flvFileTag, flvHeader } from '../containers/flv.ts';
import { OggParser } from '../containers/ogg.ts';
import { Supervised } from '../program/supervised.ts';
import { audioConfigTag, audioTag } from '../rtmp/flv.ts';

/** Of Opus, always. */
const RATE = 48_000;
/** Samples of a packet: 20 ms. */
export const PACKET_SAMPLES = 960;
/** What libopus looks ahead: the first packet begins with so many samples of what was before the sound. */
const LOOK_AHEAD = 312;
/** Samples in a frame of AAC, at the rate of its core. */
const FRAME_SAMPLES = 1024;
/** An encoder that is so far behind is started anew. */
const MAX_WAITING = 500_000;

export type OpusEncoderOptions = {
  ffmpeg: string;
  /** AudioSpecificConfig. */
  config: Buffer;
  /** A packet of 20 ms, and when its sound began on the sender's clock, in milliseconds. */
  onPacket(ms: number, data: Buffer): void;
  logger: Logger;
};

/**
 * AAC to Opus by an ffmpeg. What comes out is told with the sender's time of what went in, however long it took. What an
 * encoder had when it ended is lost, and the next one goes on with what comes.
 */
export class OpusEncoder {
  readonly #options: OpusEncoderOptions;
  readonly #frame: number;
  readonly #process: Supervised;
  #parser = new OggParser();
  /** What went in and has not come out: where it begins, in samples of Opus, and when it was. */
  #fed: { at: number; ms: number }[] = [];
  #next = 0;
  #packets = 0;

  /** @throws RangeError for a config that is none */
  constructor(options: OpusEncoderOptions) {
    this.#options = options;
    this.#frame = (FRAME_SAMPLES * RATE) / aacCoreRate(options.config);
    // Not "nobuffer", which would leave out what it looks at first, and so put all sound too early.
    const input = ['-probesize', '32', '-analyzeduration', '0', '-f', 'flv', '-i', 'pipe:0'];
    const encoder = ['-c:a', 'libopus', '-b:a', '128k', '-ac', '2', '-ar', `${RATE}`, '-frame_duration', '20'];
    const output = ['-flush_packets', '1', '-f', 'ogg', '-page_duration', '20000', 'pipe:1'];
    this.#process = new Supervised({
      command: options.ffmpeg,
      args: ['-v', 'error', '-nostdin', ...input, '-vn', ...encoder, '-threads', '1', ...output],
      purpose: 'sound of a program that publishes',
      onStart: () => this.#begin(),
      onData: (piece) => this.#take(piece),
      logger: options.logger,
    });
    this.#begin();
  }

  /** The process that encodes now. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Takes the next frame of AAC, captured at `ms`. */
  write(ms: number, data: Buffer): void {
    if (this.#process.waiting > MAX_WAITING) this.#process.restart();
    if (!this.#process.write(flvFileTag({ kind: 'audio', ms, body: audioTag(data) }))) return;
    this.#fed.push({ at: this.#next, ms });
    this.#next += this.#frame;
  }

  close(): void {
    this.#process.close();
  }

  #begin(): void {
    this.#parser = new OggParser();
    this.#fed = [];
    this.#next = 0;
    this.#packets = 0;
    // Called by its constructor too, before there is anything to write to.
    const config = flvFileTag({ kind: 'audio', ms: 0, body: audioConfigTag(this.#options.config) });
    (this.#process as Supervised | undefined)?.write(Buffer.concat([flvHeader('audio'), config]));
  }

  #take(piece: Buffer): void {
    for (const packet of this.#parser.push(piece)) {
      // Its two headers, OpusHead and OpusTags (RFC 7845 section 5).
      if (packet.subarray(0, 4).toString('latin1') === 'Opus') continue;
      const at = this.#packets++ * PACKET_SAMPLES - LOOK_AHEAD;
      while ((this.#fed[1]?.at ?? Infinity) <= at) this.#fed.shift();
      const [from] = this.#fed;
      if (from) this.#options.onPacket(from.ms + ((at - from.at) * 1000) / RATE, packet);
    }
  }
}
