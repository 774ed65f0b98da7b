import { IngestRefused } from '@amphi/egress';

/** Enough of what an ffmpeg says last to know why it ended. */
const MAX_COMPLAINT = 1000;
/** What it says of a stream: `Stream #0:1[0x101](eng): Audio: mp2 ([3][0][0][0] / 0x0003), 48000 Hz, …` */
const STREAM = /^Stream #0:\d+[^:]*: (Video|Audio): (\w+)/;

/** The names that people know codecs by, where it is not that of ffmpeg in capitals. */
const NAMES: Readonly<Record<string, string>> = {
  ac3: 'AC-3',
  eac3: 'E-AC-3',
  aac_latm: 'AAC in LATM',
  mpeg1video: 'MPEG-1',
  mpeg2video: 'MPEG-2',
  mpeg4: 'MPEG-4 Part 2',
  opus: 'Opus',
};

/** Reads what an ffmpeg with `-v level+info` says of its input and of what went wrong. */
export class FfmpegWords {
  readonly #onRefused: (refused: IngestRefused) => void;
  #rest = '';
  #complaint = '';
  readonly #kinds = new Set<string>();

  /** @param onRefused its input has a codec that is not taken */
  constructor(onRefused: (refused: IngestRefused) => void) {
    this.#onRefused = onRefused;
  }

  /** It says no more: answers what it complained of; empty where it did not. */
  ended(): string {
    this.#take(this.#rest);
    this.#rest = '';
    return this.#complaint.trim();
  }

  push(piece: string): void {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = (lines.pop() ?? '').slice(-MAX_COMPLAINT);
    for (const line of lines) this.#take(line);
  }

  #take(line: string): void {
    // As in "[flv @ 0x55d6e8870600] [error] Audio codec ac3 not compatible with flv".
    const [, level, text = ''] = /\[(fatal|error|info)\]\s*(.*)$/.exec(line) ?? [];
    if (level !== 'info') {
      if (level !== undefined) this.#complaint = `${this.#complaint}${text}\n`.slice(-MAX_COMPLAINT);
      return;
    }
    const [, kind, codec = ''] = STREAM.exec(text) ?? [];
    // The first of each kind is what is taken.
    if (kind === undefined || this.#kinds.has(kind)) return;
    this.#kinds.add(kind);
    if (codec === (kind === 'Video' ? 'h264' : 'aac')) return;
    const name = NAMES[codec] ?? codec.toUpperCase();
    this.#onRefused(new IngestRefused(kind === 'Video' ? 'picture-codec' : 'sound-codec', name));
  }
}
