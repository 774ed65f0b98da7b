import type { Frame, FrameSink, FrameStream } from '@amphi/egress';

export type FrameFigures = {
  profile: number | null;
  level: number | null;
  width: number | null;
  height: number | null;
  frameRate: number | null;
  keyFrameInterval: number | null;
  hasBFrames: boolean;
};

/** Over how long pictures are counted. */
const COUNT_MS = 4000;
/** So many of the last times between two key frames count: one that somebody asked for does not hide what is usual. */
const INTERVALS = 3;

/** What the frames of a track say of how it was encoded. */
export class FrameMeter implements FrameSink {
  readonly #now: () => number;
  #shownAt: number[] = [];
  #intervals: number[] = [];
  #keyFrameAt: number | undefined;
  #newest = -Infinity;
  #figures: Omit<FrameFigures, 'frameRate' | 'keyFrameInterval'> = NOTHING;

  /** @param now milliseconds that only grow */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  started(): void {
    this.#shownAt = [];
    this.#intervals = [];
    this.#keyFrameAt = undefined;
    this.#newest = -Infinity;
    this.#figures = NOTHING;
  }

  frame({ timestamp, keyFrame, size, config }: Frame, { codec }: Pick<FrameStream, 'codec'>): void {
    const now = this.#now();
    this.#shownAt.push(now);
    while ((this.#shownAt[0] ?? now) < now - COUNT_MS) this.#shownAt.shift();
    // What comes is in the order of decoding; time that goes back is a picture that was held back for others.
    if (timestamp < this.#newest) this.#figures = { ...this.#figures, hasBFrames: true };
    this.#newest = Math.max(this.#newest, timestamp);
    if (!keyFrame) return;
    if (this.#keyFrameAt !== undefined)
      this.#intervals = [...this.#intervals, now - this.#keyFrameAt].slice(-INTERVALS);
    this.#keyFrameAt = now;
    if (size) this.#figures = { ...this.#figures, width: size.width, height: size.height };
    // ISO/IEC 14496-15 section 5.3.3.1: version, profile, constraints, level.
    if (codec === 'h264' && config) {
      this.#figures = { ...this.#figures, profile: config[1] ?? null, level: config[3] ?? null };
    }
  }

  clock(): void {}
  paused(): void {}
  stopped(): void {}

  read(): FrameFigures {
    const now = this.#now();
    const [first] = this.#shownAt;
    const seconds = first === undefined ? 0 : (now - first) / 1000;
    const since = this.#keyFrameAt === undefined ? 0 : now - this.#keyFrameAt;
    const longest = Math.max(0, since, ...this.#intervals);
    return {
      ...this.#figures,
      // Of less than a second nothing can be said.
      frameRate: seconds < 1 ? null : Math.round((this.#shownAt.length / seconds) * 10) / 10,
      keyFrameInterval: this.#intervals.length === 0 && since < SURELY_LONG_MS ? null : Math.round(longest),
    };
  }
}

/** With no second key frame by then, there is something to say all the same. */
const SURELY_LONG_MS = 5000;

const NOTHING = { profile: null, level: null, width: null, height: null, hasBFrames: false };
