import { mp4Fragment, type Mp4Sample } from '../containers/mp4.ts';
import { type Part, TIMING } from './segment.ts';

/** A frame on the clock of a stream, which begins with 0. */
export type TimedFrame = { timeUs: number; keyFrame: boolean; data: Buffer };

/** Where the pieces of a rendition go. */
export type CutterSink = {
  /** Before the first part of each segment. */
  segmentBegins(timeUs: number): void;
  part(part: Part, frames: number): void;
  /** `timeUs`: where the next one begins, if there is one. */
  segmentEnds(timeUs: number): void;
};

export type CutterOptions = {
  /** Where segments end: at key frames, or where it is told, for what can be decoded from anywhere. */
  cuts: 'at-key-frames' | 'as-told';
  /** Of a frame after which nothing comes, and whose length is therefore not known, in microseconds. */
  usualUs: number;
  sink: CutterSink;
};

const US = 1_000_000;
/** Rounding must not make a part shorter by a frame. */
const TOLERANCE_US = 3000;

/**
 * Cuts the frames of one rendition into segments, and those into parts. A frame is as long as it takes until the next one,
 * so it goes into a part when that is there.
 */
export class Cutter {
  readonly #options: CutterOptions;
  /** Ticks in a second. To be changed after a {@link flush} only. */
  timescale = 90_000;
  /** How much earlier than it came a frame is said to be, in microseconds. To be changed after a {@link flush} only. */
  shiftUs = 0;
  #sequence = 0;
  #pending: TimedFrame | undefined;
  #samples: Mp4Sample[] = [];
  #partStart = 0;
  #segmentStart: number | undefined;
  #usualUs: number;
  #cutAt = Infinity;
  #endUs = 0;

  constructor(options: CutterOptions) {
    this.#options = options;
    this.#usualUs = options.usualUs;
  }

  /** When the last frame was; undefined where the next one is the first, or the first after a {@link flush}. */
  get lastUs(): number | undefined {
    return this.#pending?.timeUs;
  }

  /** Where what was flushed ended, in microseconds of what is told to players; 0 where that is nothing. */
  get endUs(): number {
    return this.#endUs;
  }

  /** Ends the segment at that time, where it cuts as told. */
  cutAt(timeUs: number): void {
    this.#cutAt = timeUs;
  }

  /** Takes a frame. One that is not after the one before is left out. */
  push(frame: TimedFrame): void {
    if (this.#pending) {
      const lengthUs = frame.timeUs - this.#pending.timeUs;
      if (lengthUs <= 0) return;
      this.#take(this.#pending, lengthUs);
      this.#usualUs = lengthUs;
      if (this.#endsSegmentBefore(frame)) this.#endSegment(frame.timeUs);
      else if (frame.timeUs + lengthUs - this.#partStart > TIMING.part * US + TOLERANCE_US) this.#endPart(frame.timeUs);
    }
    this.#pending = frame;
  }

  /** Ends the segment: nothing comes for now, or what comes does not continue it. */
  flush(): void {
    if (!this.#pending) return;
    const last = this.#pending;
    this.#pending = undefined;
    this.#take(last, this.#usualUs);
    this.#endUs = last.timeUs + this.#usualUs - this.shiftUs;
    this.#endSegment(last.timeUs + this.#usualUs);
    this.#usualUs = this.#options.usualUs;
    this.#cutAt = Infinity;
  }

  #take({ timeUs, keyFrame, data }: TimedFrame, lengthUs: number): void {
    const endUs = timeUs + lengthUs;
    if (endUs - (this.#segmentStart ?? timeUs) > TIMING.target * US && timeUs > (this.#segmentStart ?? timeUs)) {
      this.#endSegment(timeUs);
    } else if (endUs - this.#partStart > TIMING.part * US + TOLERANCE_US) this.#endPart(timeUs);
    if (this.#segmentStart === undefined) {
      this.#segmentStart = timeUs;
      this.#partStart = timeUs;
      this.#options.sink.segmentBegins(timeUs);
    }
    this.#samples.push({ data, keyFrame, duration: this.#ticks(endUs) - this.#ticks(timeUs) });
  }

  #endsSegmentBefore({ timeUs, keyFrame }: TimedFrame): boolean {
    const lengthUs = timeUs - (this.#segmentStart ?? timeUs);
    // One more frame would make it too long.
    if (lengthUs + this.#usualUs > TIMING.target * US) return true;
    if (this.#options.cuts === 'as-told') return timeUs >= this.#cutAt;
    return keyFrame && lengthUs >= TIMING.segmentMin * US;
  }

  #endPart(endUs: number): void {
    const [first] = this.#samples;
    if (!first) return;
    const { timescale } = this;
    const { sink } = this.#options;
    this.#sequence += 1;
    const run = { trackId: 1, decodeTime: this.#ticks(this.#partStart), samples: this.#samples };
    const bytes = mp4Fragment(this.#sequence, [run]);
    const duration = (this.#ticks(endUs) - run.decodeTime) / timescale;
    const frames = this.#samples.length;
    this.#samples = [];
    this.#partStart = endUs;
    sink.part({ duration, independent: first.keyFrame, bytes }, frames);
  }

  #endSegment(endUs: number): void {
    this.#endPart(endUs);
    this.#segmentStart = undefined;
    if (endUs >= this.#cutAt) this.#cutAt = Infinity;
    this.#options.sink.segmentEnds(endUs);
  }

  #ticks(timeUs: number): number {
    return Math.round(((timeUs - this.shiftUs) * this.timescale) / US);
  }
}
