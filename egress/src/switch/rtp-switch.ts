import { randomInt } from 'node:crypto';
import type { MediaTap, SenderReport, TapSink } from '@amphi/rooms';
import { parseRtp, type RtpPacket } from '../rtp/packet.ts';
import { startsKeyFrame } from './key-frame-start.ts';
import { PictureNumbers } from './picture-numbers.ts';

export type RtpSwitchOptions = {
  /** In lower case; what does not send this codec must not be selected. */
  mimeType: string;
  clockRate: number;
  /** What the packets bear that come out. */
  ssrc: number;
  payloadType: number;
  tap(producerId: string, sink: TapSink): MediaTap;
  send(packet: Buffer): void;
  /** When something with this RTP timestamp was captured, by this machine's clock. */
  report(report: SenderReport): void;
  /** Milliseconds. */
  now?: () => number;
};

/** One track that is read. */
type Leg = {
  producerId: string;
  tap: MediaTap;
  /** What is its first packet sent, and what that became; undefined as long as nothing was sent of it. */
  start: { sequence: number; timestamp: number; outSequence: number; outTimestamp: number } | undefined;
  /** How far behind the first the newest packet is. */
  newest: number;
  /** No decoder can begin with what came last. */
  waits: boolean;
};

/** A source counts as 10 ms behind the one before at the least, so that time never stands still. */
const LEAST_STEP_MS = 10;

/**
 * One RTP stream without an end, made of one track after the other: receivers see one SSRC whose sequence numbers and
 * timestamps go on. A picture is changed at a key frame of the next one, and goes on until that is there.
 */
export class RtpSwitch {
  readonly #options: RtpSwitchOptions;
  readonly #now: () => number;
  readonly #numbers: PictureNumbers;
  #current: Leg | undefined;
  #next: Leg | undefined;
  #lastSequence = randomInt(2 ** 15);
  #lastTimestamp = randomInt(2 ** 31);
  #lastSentAt: number | undefined;
  #closed = false;

  constructor(options: RtpSwitchOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#numbers = new PictureNumbers(options.mimeType);
  }

  /** What is sent, or will be as soon as it can. */
  get selected(): string | undefined {
    return (this.#next ?? this.#current)?.producerId;
  }

  /** Goes over to this track, which may be the one that is sent. Undefined ends what is sent. */
  select(producerId: string | undefined): void {
    if (this.#closed || producerId === this.selected) return;
    this.#next?.tap.close();
    this.#next = undefined;
    if (producerId === this.#current?.producerId) return;
    if (producerId === undefined) {
      this.#current?.tap.close();
      this.#current = undefined;
      return;
    }
    this.#next = this.#open(producerId);
  }

  /** For a receiver who has nothing to begin with. */
  requestKeyFrame(): void {
    this.#current?.tap.requestKeyFrame();
  }

  close(): void {
    this.#closed = true;
    this.#next?.tap.close();
    this.#current?.tap.close();
    this.#next = undefined;
    this.#current = undefined;
  }

  #open(producerId: string): Leg {
    const leg: Leg = { producerId, tap: NO_TAP, start: undefined, newest: 0, waits: true };
    leg.tap = this.#options.tap(producerId, {
      started: () => {
        // Its numbers have nothing to do with those that it had.
        leg.start = undefined;
        leg.waits = true;
        leg.tap.requestKeyFrame();
      },
      rtp: (packet) => this.#take(leg, packet),
      senderReport: (report) => this.#report(leg, report),
      paused() {},
      stopped() {},
    });
    return leg;
  }

  #take(leg: Leg, buffer: Buffer): void {
    if (this.#closed || (leg !== this.#current && leg !== this.#next)) return;
    const packet = parseRtp(buffer);
    if (!packet) return;
    if (leg.waits) {
      if (!startsKeyFrame(this.#options.mimeType, packet.payload)) return;
      this.#begin(leg, packet);
    }
    this.#send(leg, packet);
  }

  /** From this packet on it is this one that is sent. */
  #begin(leg: Leg, packet: RtpPacket): void {
    if (leg === this.#next) {
      this.#current?.tap.close();
      this.#current = leg;
      this.#next = undefined;
    }
    leg.waits = false;
    leg.newest = 0;
    this.#numbers.begin();
    const passedMs = this.#lastSentAt === undefined ? 0 : this.#now() - this.#lastSentAt;
    const step = Math.round((Math.max(LEAST_STEP_MS, passedMs) * this.#options.clockRate) / 1000);
    leg.start = {
      sequence: packet.sequence,
      timestamp: packet.timestamp,
      outSequence: (this.#lastSequence + 1) & 0xffff,
      outTimestamp: (this.#lastTimestamp + step) >>> 0,
    };
  }

  #send(leg: Leg, packet: RtpPacket): void {
    const { start } = leg;
    if (!start) return;
    const at = ahead(packet.sequence, (start.sequence + leg.newest) & 0xffff) + leg.newest;
    // What came before the first is of no use to a decoder.
    if (at < 0) return;
    const isNewest = at >= leg.newest;
    const out = Buffer.allocUnsafe(12 + packet.payload.length);
    const sequence = (start.outSequence + at) & 0xffff;
    const timestamp = (start.outTimestamp + (packet.timestamp - start.timestamp)) >>> 0;
    out[0] = 0x80;
    out[1] = (packet.marker ? 0x80 : 0) | this.#options.payloadType;
    out.writeUInt16BE(sequence, 2);
    out.writeUInt32BE(timestamp, 4);
    out.writeUInt32BE(this.#options.ssrc, 8);
    packet.payload.copy(out, 12);
    this.#numbers.write(out.subarray(12), isNewest);
    if (isNewest) {
      leg.newest = at;
      this.#lastSequence = sequence;
      this.#lastTimestamp = timestamp;
      this.#lastSentAt = this.#now();
    }
    this.#options.send(out);
  }

  #report(leg: Leg, { rtpTimestamp, capturedAt }: SenderReport): void {
    if (leg !== this.#current || !leg.start) return;
    const moved = (leg.start.outTimestamp + (rtpTimestamp - leg.start.timestamp)) >>> 0;
    this.#options.report({ ssrc: this.#options.ssrc, rtpTimestamp: moved, capturedAt });
  }
}

const NO_TAP: MediaTap = { requestKeyFrame() {}, close() {} };

/** How far a sequence number is ahead of another, -32768 to 32767. */
function ahead(sequence: number, of: number): number {
  return (((sequence - of + 0x8000) & 0xffff) - 0x8000) | 0;
}
