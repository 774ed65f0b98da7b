import type { Feed, FeedSink } from './feed.ts';
import type { Outlet } from './outlet.ts';
import type { ProgramAudio, ProgramRendition } from './program.ts';
import type { ProgramClock } from './clock.ts';

/** The least time between two pictures, where one way to them ends and the next begins. */
const STEP_US = 1000;

type Choice = { key: string; open: (sink: FeedSink) => Feed };
type Running = { key: string; feed: Feed };

/**
 * The picture of a program, and which way it comes by: a new one runs before the old one ends, and times grow from one to the
 * other.
 */
export class PictureOut {
  readonly #outlet: Outlet;
  readonly #audio: ProgramAudio | undefined;
  readonly #clock: ProgramClock;
  #current: Running | undefined;
  #next: Running | undefined;
  /** By rendition. */
  #lastUs: number[] = [];
  /** What every rendition is behind. */
  #floorUs = -1;

  constructor(outlet: Outlet, audio: ProgramAudio | undefined, clock: ProgramClock) {
    this.#outlet = outlet;
    this.#audio = audio;
    this.#clock = clock;
  }

  /** What is seen now: the key that it was shown with; undefined where there is no picture. */
  get current(): string | undefined {
    return this.#current?.key;
  }

  get currentFeed(): Feed | undefined {
    return this.#current?.feed;
  }

  get feeds(): Feed[] {
    return [this.#current, this.#next].flatMap((running) => (running ? [running.feed] : []));
  }

  /** Goes over to this as soon as it has begun; what is shown already, or on its way, goes on. */
  show({ key, open }: Choice): void {
    if (this.#next?.key === key) return;
    this.#next?.feed.close();
    this.#next = undefined;
    if (this.#current?.key === key) return;
    // It may have what it begins with in the very call that opens it.
    const opened: { running?: Running } = {};
    const isCurrent = () => opened.running !== undefined && this.#current === opened.running;
    const feed = open({
      renditions: (videos) => {
        if (!isCurrent() && opened.running) this.#promote(opened.running);
        if (isCurrent()) this.#tell(videos);
      },
      video: (rendition, frame) => {
        if (!isCurrent()) return;
        const timeUs = Math.max(frame.timeUs, (this.#lastUs[rendition] ?? this.#floorUs) + STEP_US);
        this.#lastUs[rendition] = timeUs;
        const { keyFrame, data } = frame;
        this.#outlet.video(rendition, { timeUs, wall: this.#clock.wallOf(timeUs), keyFrame, data });
      },
    });
    opened.running = { key, feed };
    this.#next = opened.running;
  }

  /** No picture from now on. */
  showNothing(): void {
    this.close();
    if (this.#audio && this.#outlet.currentFormat?.videos.length !== 0) this.#tell([]);
  }

  tick(): void {
    for (const feed of this.feeds) feed.tick();
  }

  close(): void {
    for (const feed of this.feeds) feed.close();
    this.#current = undefined;
    this.#next = undefined;
  }

  #promote(running: Running): void {
    if (this.#next !== running) return;
    this.#next = undefined;
    this.#current?.feed.close();
    this.#current = running;
  }

  #tell(videos: readonly ProgramRendition[]): void {
    this.#floorUs = Math.max(this.#floorUs, ...this.#lastUs);
    this.#lastUs = [];
    this.#outlet.format({ videos, audio: this.#audio });
  }
}
