import { Cutter, type TimedFrame } from './cutter.ts';
import { livePlaylist, type Position, replayPlaylist } from './playlist.ts';
import { type Initialisation, nameOf, type Part, type Segment, TIMING } from './segment.ts';
import { Waiters } from './waiters.ts';

/** Where segments are kept. */
export type Keeper = {
  /** Answers whether it is on the disk now. Does not reject. */
  init(track: string, init: Initialisation, bytes: Buffer): Promise<boolean>;
  segment(track: string, segment: Segment, bytes: readonly Buffer[]): Promise<boolean>;
  /** What is older than this one is not needed any more. */
  drop(track: string, before: number): void;
};

export type RenditionOptions = {
  /** What it is called in the names of playlists and files: `v0`, `a`. */
  name: string;
  kind: 'video' | 'audio';
  keeper: Keeper;
  /** How much of the past players may go back to, in seconds. */
  windowSeconds: number;
  /** Whether what is out of the window is kept for a replay. */
  keepsAll: boolean;
  /** In which discontinuity the stream is, when its first frame was captured, and how often something could not be kept. */
  state: { epoch: number; hole: number; wallOf(timeUs: number): number };
  /** A segment ended, and the next one begins at that time. */
  onCut?(timeUs: number): void;
};

/** What was kept of a rendition, as it is read from the disk. */
export type KeptRendition = { inits: Initialisation[]; segments: Segment[] };

/** One rendition of a stream: its segments, in the memory and on the disk, and its playlist. */
export class Rendition {
  readonly name: string;
  readonly kind: 'video' | 'audio';
  readonly waiters = new Waiters();
  readonly #options: RenditionOptions;
  readonly #cutter: Cutter;
  readonly #inits: Initialisation[];
  readonly #initBytes = new Map<number, Buffer>();
  readonly #keptInits: Set<number>;
  /** One after the other: the journal has them in their order. */
  #keeping: Promise<void> = Promise.resolve();
  /** All complete ones, the oldest first. */
  #segments: Segment[];
  /** From this index on they are in the live playlist. */
  #windowFrom = 0;
  #windowSeconds = 0;
  /** From this index on they are in the memory. */
  #memoryFrom = 0;
  #open: Segment | undefined;
  #nextMsn = 0;
  #version = 0;
  #peak = 0;
  #needsKeyFrame = true;
  #repeat: Buffer | undefined;

  constructor(options: RenditionOptions, kept: KeptRendition = { inits: [], segments: [] }) {
    this.#options = options;
    this.name = options.name;
    this.kind = options.kind;
    this.#inits = [...kept.inits];
    this.#keptInits = new Set(kept.inits.map(({ id }) => id));
    this.#segments = [...kept.segments];
    this.#memoryFrom = this.#segments.length;
    this.#nextMsn = (this.#segments.at(-1)?.msn ?? -1) + 1;
    for (const segment of this.#segments) this.#count(segment);
    this.#cutter = new Cutter({
      usualUs: options.kind === 'video' ? 33_333 : 21_333,
      cuts: options.kind === 'video' ? 'at-key-frames' : 'as-told',
      sink: {
        segmentBegins: (timeUs) => this.#begin(timeUs),
        part: (part, frames) => this.#addPart(part, frames),
        segmentEnds: (timeUs) => this.#complete(timeUs),
      },
    });
  }

  /** Changes whenever the playlist does. */
  get version(): number {
    return this.#version;
  }

  /** Whether a player finds something to begin with. */
  get isPlayable(): boolean {
    return this.#segments.length > this.#windowFrom;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { kept, bytes }) => sum + (kept ? bytes : 0), 0);
  }

  get segmentCount(): number {
    return this.#segments.length;
  }

  /** When the last frame was, if more may follow it. */
  get lastUs(): number | undefined {
    return this.#cutter.lastUs;
  }

  /** Where what was flushed ended on the clock of players, in microseconds. */
  get endUs(): number {
    return this.#cutter.endUs;
  }

  /** After a {@link flush}: players are told of what comes from now on that it was so much earlier, in microseconds. */
  shift(us: number): void {
    this.#cutter.shiftUs = us;
  }

  /** Resolves when all that is complete is on the disk, or given up. */
  settled(): Promise<void> {
    return this.#keeping;
  }

  get needsKeyFrame(): boolean {
    return this.#needsKeyFrame;
  }

  get init(): Initialisation | undefined {
    return this.#inits.at(-1);
  }

  /** The last part that there is, for the playlists of the other renditions. */
  get position(): Position | undefined {
    const last = this.#open?.parts?.length ? this.#open : this.#segments.at(-1);
    return last && { track: this.name, msn: last.msn, part: Math.max(0, (last.parts?.length ?? 1) - 1) };
  }

  /** Bits per second, of the largest segment and over all, and frames per second. */
  get figures(): { peak: number; average: number; frameRate: number | undefined } {
    const recent = this.#segments.slice(-10);
    const sum = (of: (segment: Segment) => number) => recent.reduce((total, segment) => total + of(segment), 0);
    const seconds = sum(({ duration }) => duration);
    if (seconds === 0) return { peak: this.#peak, average: this.#peak, frameRate: undefined };
    const average = (sum(({ bytes }) => bytes) * 8) / seconds;
    return { peak: Math.max(this.#peak, average), average, frameRate: sum(({ frames }) => frames) / seconds };
  }

  /**
   * After a {@link flush}: what comes from now on, in so many ticks a second, needs this initialisation. `repeat` is put before
   * key frames where it is not the first one: some players read one only.
   */
  begin(init: Omit<Initialisation, 'id'>, timescale: number, bytes: Buffer, repeat?: Buffer): void {
    this.#cutter.timescale = timescale;
    this.#repeat = repeat;
    const { init: before } = this;
    if (before && this.#initBytes.get(before.id)?.equals(bytes)) return;
    const next = { ...init, id: (before?.id ?? -1) + 1 };
    this.#inits.push(next);
    this.#initBytes.set(next.id, bytes);
  }

  push(frame: TimedFrame): void {
    if (this.#needsKeyFrame && !frame.keyFrame) return;
    this.#needsKeyFrame = false;
    const repeat = frame.keyFrame && (this.init?.id ?? 0) > 0 ? this.#repeat : undefined;
    this.#cutter.push(repeat ? { ...frame, data: Buffer.concat([repeat, frame.data]) } : frame);
  }

  cutAt(timeUs: number): void {
    this.#cutter.cutAt(timeUs);
  }

  /** Ends what there is; what comes next begins with a key frame. */
  flush(): void {
    this.#cutter.flush();
    this.#needsKeyFrame = true;
  }

  /** Nothing more comes, or something does again. */
  changed(): void {
    this.#version += 1;
    this.waiters.check();
  }

  /**
   * Whether the playlist holds the part (RFC 8216bis section 6.2.5.2): a part behind the last one of a complete segment is
   * the first one of the next; without a part, the whole segment is meant.
   */
  has(msn: number, part: number | undefined): boolean {
    const { open, last } = this.#end();
    if (part === undefined) return this.#lastComplete >= msn;
    if (msn !== last) return msn < last;
    if (open) return open.length > part;
    return (this.#segments.at(-1)?.parts?.length ?? Infinity) > part;
  }

  /** Whether somebody asks for what is so far ahead that the request must be wrong. */
  isTooFar(msn: number, part: number | undefined): boolean {
    const { open, last } = this.#end();
    if (msn > last + 2) return true;
    if (part === undefined || msn < last) return false;
    const parts = msn > last ? 0 : (open ?? this.#segments.at(-1)?.parts ?? []).length;
    return part > parts - 1 + Math.ceil(3 / TIMING.partTarget);
  }

  playlist(ended: boolean, others: readonly Position[], skip: boolean): string {
    const segments = this.#segments.slice(this.#windowFrom);
    return livePlaylist({
      ...{ track: this.name, segments, open: this.#open, nextMsn: this.#nextMsn },
      ...{ ended, others, skip },
    });
  }

  replay(): string {
    return replayPlaylist(
      this.name,
      this.#segments.filter(({ kept, parts }) => kept || parts),
    );
  }

  /** What is in the memory under a name, or that it is not there. */
  inMemory(name: string): Buffer | undefined {
    const parsed = parseName(name);
    if (!parsed) return undefined;
    if (parsed.init !== undefined) return this.#initBytes.get(parsed.init);
    const { msn, part } = parsed;
    const { parts } = (this.#open?.msn === msn ? this.#open : this.#find(msn)) ?? {};
    if (!parts) return undefined;
    if (part !== undefined) return parts[part]?.bytes;
    return this.#open?.msn === msn ? undefined : Buffer.concat(parts.map(({ bytes }) => bytes));
  }

  /** The youngest piece that there is with a key frame at its beginning, with its initialisation: a file of its own. */
  newestStart(): Buffer | undefined {
    const segments = [...this.#segments.slice(this.#memoryFrom), ...(this.#open ? [this.#open] : [])];
    const segment = segments.findLast(({ parts }) => parts?.[0]?.independent === true);
    const init = segment && this.#initBytes.get(segment.init);
    const first = segment?.parts?.[0];
    return init && first ? Buffer.concat([init, first.bytes]) : undefined;
  }

  /** Whether the part is the one that comes next, as far as can be known. */
  isHinted(msn: number, part: number): boolean {
    return msn === (this.#open?.msn ?? this.#nextMsn) && part === (this.#open?.parts?.length ?? 0);
  }

  get #lastComplete(): number {
    return this.#segments.at(-1)?.msn ?? -1;
  }

  /** The number of the last segment of which there is something, and its parts, if it is not complete. */
  #end(): { last: number; open: readonly Part[] | undefined } {
    const { msn, parts } = this.#open ?? {};
    return msn !== undefined && parts?.length
      ? { last: msn, open: parts }
      : { last: this.#lastComplete, open: undefined };
  }

  #find(msn: number): Segment | undefined {
    const first = this.#segments[0]?.msn ?? 0;
    const guess = this.#segments[msn - first];
    return guess?.msn === msn ? guess : this.#segments.find((segment) => segment.msn === msn);
  }

  #begin(timeUs: number): void {
    const { epoch, hole, wallOf } = this.#options.state;
    const base = { msn: this.#nextMsn, epoch, hole, init: this.init?.id ?? 0, wall: wallOf(timeUs) };
    this.#open = { ...base, duration: 0, frames: 0, bytes: 0, parts: [], kept: false };
    this.#nextMsn += 1;
  }

  #addPart(part: Part, frames: number): void {
    const open = this.#open;
    if (!open?.parts) return;
    open.parts.push(part);
    open.duration += part.duration;
    open.frames += frames;
    open.bytes += part.bytes.length;
    this.changed();
  }

  #complete(timeUs: number): void {
    const segment = this.#open;
    if (!segment?.parts) return;
    this.#open = undefined;
    this.#segments.push(segment);
    this.#count(segment);
    this.#trim();
    const { parts } = segment;
    this.#keeping = this.#keeping.then(() => this.#keep(segment, parts));
    this.#options.onCut?.(timeUs);
    this.changed();
  }

  async #keep(segment: Segment, parts: readonly Part[]): Promise<void> {
    const { keeper } = this.#options;
    const init = this.#inits.find(({ id }) => id === segment.init);
    const bytes = this.#initBytes.get(segment.init);
    // Without it the segment is of no use. The disk may have been full when it was tried first.
    if (init && bytes && !this.#keptInits.has(init.id)) {
      this.#keptInits.add(init.id);
      if (!(await keeper.init(this.name, init, bytes))) this.#keptInits.delete(init.id);
    }
    if (!this.#keptInits.has(segment.init)) return;
    segment.kept = await keeper.segment(
      this.name,
      segment,
      parts.map((part) => part.bytes),
    );
  }

  #count({ bytes, duration }: Segment): void {
    this.#windowSeconds += duration;
    // What is very short says nothing of the rate.
    if (duration >= 0.5) this.#peak = Math.max(this.#peak, (bytes * 8) / duration);
  }

  /** Leaves out what is too old for the memory, and what is too old for the window or was lost with the memory. */
  #trim(): void {
    let younger = 0;
    for (let index = this.#memoryFrom; index < this.#segments.length; index++)
      younger += this.#segments[index]?.duration ?? 0;
    while (younger > TIMING.inMemory + TIMING.target) {
      const oldest = this.#segments[this.#memoryFrom];
      if (!oldest) break;
      younger -= oldest.duration;
      oldest.parts = undefined;
      this.#memoryFrom += 1;
      // It is nowhere any more, and a live playlist has no gaps: all that is older goes with it.
      if (!oldest.kept) this.#shorten(this.#memoryFrom);
    }
    while (this.#windowSeconds > this.#options.windowSeconds + TIMING.target) this.#shorten(this.#windowFrom + 1);
    if (!this.#options.keepsAll) this.dropPast();
  }

  /** Deletes what is not in the window any more. */
  dropPast(): void {
    if (this.#windowFrom === 0) return;
    const before = this.#segments[this.#windowFrom]?.msn ?? this.#nextMsn;
    this.#segments.splice(0, this.#windowFrom);
    this.#memoryFrom = Math.max(0, this.#memoryFrom - this.#windowFrom);
    this.#windowFrom = 0;
    this.#options.keeper.drop(this.name, before);
  }

  #shorten(from: number): void {
    while (this.#windowFrom < from) {
      this.#windowSeconds -= this.#segments[this.#windowFrom]?.duration ?? 0;
      this.#windowFrom += 1;
    }
  }
}

/** What a name of this package's means. */
export function parseName(name: string): { track: string; msn: number; part?: number; init?: number } | undefined {
  const [, track = '', init, msn, part] =
    /^([a-z]\d*)-(?:i(\d{1,6})\.mp4|(\d{1,9})(?:\.(\d{1,4}))?\.m4s)$/.exec(name) ?? [];
  if (track === '') return undefined;
  if (init !== undefined) return { track, msn: 0, init: Number(init) };
  return { track, msn: Number(msn), ...(part === undefined ? {} : { part: Number(part) }) };
}

/** The name of the file of a segment, by what {@link parseName} answers. */
export function fileOf({ track, msn, part, init }: NonNullable<ReturnType<typeof parseName>>): string | undefined {
  if (init !== undefined) return nameOf.init(track, init);
  return part === undefined ? nameOf.segment(track, msn) : undefined;
}
