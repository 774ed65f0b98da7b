import { mp4Fragment, mp4Init, type Mp4Sample } from '../containers/mp4.ts';
import type { TrackFormat } from '../containers/track.ts';
import { fitsWebm, webmCluster, webmCues, type WebmCue, webmEnd, webmHeader } from '../containers/webm.ts';
import type { Frame } from '../rtp/frame.ts';
import { opusDuration } from '../rtp/opus.ts';

/** Something to write: at the end of the file, or over what is there at an offset. */
export type Piece = { bytes: Buffer; at?: number };

/** Turns frames of one track into pieces of a file, each of which leaves it playable. */
export interface Muxer {
  readonly extension: 'webm' | 'mp4';
  /** How far the frames that were added reach, in milliseconds from the first. */
  readonly durationMs: number;
  add(frame: Frame): Piece[];
  /** What was added, and not given out yet; the file ends with it. */
  end(): Piece[];
}

/** No more than this is held back: what a crash may lose. */
const PIECE_MS = 1000;

/** WebM where the codec goes into it, else fragmented MP4. `first` is the frame at time 0. */
export function createMuxer(format: TrackFormat, clockRate: number, first: Frame): Muxer {
  return fitsWebm(format)
    ? new WebmMuxer(format, clockRate, first.timestamp)
    : new Mp4Muxer(format, clockRate, first.timestamp);
}

/** How long the last frame is shown or heard, in ticks: no next one says it. */
function lastDuration(format: TrackFormat, clockRate: number, frame: Frame): number {
  return format.codec === 'opus' ? opusDuration(frame.data) : clockRate / 30;
}

class WebmMuxer implements Muxer {
  readonly extension = 'webm';
  readonly #format: TrackFormat;
  readonly #clockRate: number;
  readonly #start: number;
  readonly #header: ReturnType<typeof webmHeader>;
  readonly #cues: WebmCue[] = [];
  #written = 0;
  #held: Frame[] = [];
  #last: Frame | undefined;

  constructor(format: TrackFormat, clockRate: number, start: number) {
    this.#format = format;
    this.#clockRate = clockRate;
    this.#start = start;
    this.#header = webmHeader([format]);
  }

  get durationMs(): number {
    if (!this.#last) return 0;
    return this.#ms(this.#last) + (lastDuration(this.#format, this.#clockRate, this.#last) * 1000) / this.#clockRate;
  }

  add(frame: Frame): Piece[] {
    const [first] = this.#held;
    const pieces = first && this.#ms(frame) - this.#ms(first) >= PIECE_MS ? this.#flush() : [];
    this.#held.push(frame);
    this.#last = frame;
    return pieces;
  }

  end(): Piece[] {
    const pieces = this.#flush();
    if (this.#cues.length > 0) pieces.push(this.#append(webmCues(this.#cues)));
    return [...pieces, ...webmEnd(this.#header, this.#written, this.durationMs)];
  }

  #flush(): Piece[] {
    const pieces: Piece[] = [];
    if (this.#written === 0) pieces.push(this.#append(this.#header.bytes));
    const frames = this.#held.splice(0);
    if (frames.length === 0) return pieces;
    const key = frames.find(({ keyFrame }) => keyFrame);
    // For sound a place every few seconds is enough.
    const isDue =
      this.#format.kind === 'video' || (key && this.#ms(key) - (this.#cues.at(-1)?.time ?? -Infinity) > 5000);
    if (key && isDue) {
      this.#cues.push({ time: this.#ms(key), track: 1, position: this.#written - this.#header.segmentStart });
    }
    const blocks = frames.map((frame) => ({
      track: 1,
      time: this.#ms(frame),
      keyFrame: frame.keyFrame,
      data: frame.data,
    }));
    pieces.push(this.#append(webmCluster(blocks)));
    return pieces;
  }

  #append(bytes: Buffer): Piece {
    this.#written += bytes.length;
    return { bytes };
  }

  #ms({ timestamp }: Frame): number {
    return ((timestamp - this.#start) * 1000) / this.#clockRate;
  }
}

class Mp4Muxer implements Muxer {
  readonly extension = 'mp4';
  readonly #format: TrackFormat;
  readonly #clockRate: number;
  readonly #start: number;
  #sequence = 0;
  #end = 0;
  #held: Frame[] = [];

  constructor(format: TrackFormat, clockRate: number, start: number) {
    this.#format = format;
    this.#clockRate = clockRate;
    this.#start = start;
  }

  get durationMs(): number {
    return (this.#end * 1000) / this.#clockRate;
  }

  add(frame: Frame): Piece[] {
    const [first] = this.#held;
    const isFull = first && (frame.timestamp - first.timestamp) / this.#clockRate >= PIECE_MS / 1000;
    const pieces = isFull ? this.#flush(frame.timestamp) : [];
    this.#held.push(frame);
    this.#end = frame.timestamp - this.#start + lastDuration(this.#format, this.#clockRate, frame);
    return pieces;
  }

  end(): Piece[] {
    return this.#flush(this.#start + this.#end);
  }

  #flush(until: number): Piece[] {
    const frames = this.#held.splice(0);
    const [first] = frames;
    if (!first) return [];
    const samples: Mp4Sample[] = frames.map(({ data, keyFrame, timestamp }, index) => ({
      data,
      keyFrame,
      duration: (frames[index + 1]?.timestamp ?? until) - timestamp,
    }));
    const decodeTime = first.timestamp - this.#start;
    const fragment = mp4Fragment(++this.#sequence, [{ trackId: 1, decodeTime, samples }]);
    if (this.#sequence > 1) return [{ bytes: fragment }];
    const track = { id: 1, timescale: this.#clockRate, format: this.#format };
    return [{ bytes: mp4Init([track]) }, { bytes: fragment }];
  }
}
