import type { Depacketizer, Frame } from './frame.ts';

/** What a codec makes of the payloads of one frame; undefined when they are no frame that can be used. */
export type FrameParser = (payloads: readonly Buffer[]) => Omit<Frame, 'timestamp'> | undefined;

/**
 * What is the same with all video codecs: a frame is what has one timestamp, up to the marker; after a loss nothing can be
 * decoded before the next key frame.
 */
export class VideoAssembler implements Depacketizer {
  readonly #parse: FrameParser;
  #payloads: Buffer[] = [];
  #timestamp: number | undefined;
  /** Part of the frame that is being put together was lost. */
  #broken = false;
  #needsKeyFrame = true;

  constructor(parse: FrameParser) {
    this.#parse = parse;
  }

  get needsKeyFrame(): boolean {
    return this.#needsKeyFrame;
  }

  push(packet: { timestamp: number; marker: boolean; payload: Buffer }, missing: number): Frame[] {
    const frames: Frame[] = [];
    if (this.#timestamp !== undefined && packet.timestamp !== this.#timestamp) {
      // The marker was lost, or there is none: what is there may be whole only if nothing is missing.
      if (missing > 0) this.#broken = true;
      frames.push(...this.#finish());
    }
    if (missing > 0) this.#needsKeyFrame = true;
    // What begins behind a gap may have lost its beginning; parsers find that out.
    this.#timestamp = packet.timestamp;
    if (missing > 0 && this.#payloads.length > 0) this.#broken = true;
    if (packet.payload.length > 0) this.#payloads.push(packet.payload);
    if (packet.marker) frames.push(...this.#finish());
    return frames;
  }

  #finish(): Frame[] {
    const [payloads, timestamp, broken] = [this.#payloads, this.#timestamp ?? 0, this.#broken];
    this.#payloads = [];
    this.#timestamp = undefined;
    this.#broken = false;
    if (payloads.length === 0) return [];
    const frame = broken ? undefined : this.#parse(payloads);
    if (frame === undefined) {
      this.#needsKeyFrame = true;
      return [];
    }
    // Parameter sets alone, ahead of their picture.
    if (frame.data.length === 0) return [];
    if (frame.keyFrame) this.#needsKeyFrame = false;
    return this.#needsKeyFrame ? [] : [{ ...frame, timestamp }];
  }
}
