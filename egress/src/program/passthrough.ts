import type { Feed, FeedSink } from './feed.ts';
import type { PictureSource, SourceFrame } from './picture-source.ts';
import type { ProgramRendition } from './program.ts';

/** For so long the key frames of the other layers are waited for. */
const GATHER_MS = 1500;
/** A layer that was not there is taken in when it has been coming for so long: what flickers would break the program up. */
const PROVEN_MS = 4000;

type PassedSource = Pick<PictureSource, 'layerCount' | 'movingLayers' | 'requestKeyFrame' | 'keepKeyFrames'>;
type Rendition = { layer: number; format: ProgramRendition };

/** The picture of one H.264 source as it is: its simulcast layers are the renditions, and nothing is encoded. */
export class Passthrough implements Feed {
  readonly source: PassedSource;
  readonly #sink: FeedSink;
  readonly #now: () => number;
  /** From the largest to the smallest. */
  #renditions: Rendition[] = [];
  /** Frames of what the renditions are to be, by layer, each from a key frame on. */
  #gathered: Map<number, SourceFrame[]> | undefined = new Map();
  /** When the first of them came. */
  #gatheringSince = 0;
  /** Since when a layer that is no rendition has been coming. */
  readonly #proving = new Map<number, number>();

  constructor(source: PassedSource, sink: FeedSink, now: () => number) {
    this.source = source;
    this.#sink = sink;
    this.#now = now;
    source.requestKeyFrame();
  }

  /** Takes what comes of {@link source}. */
  take(frame: SourceFrame): void {
    if (frame.codec !== 'h264') return;
    const index = this.#renditions.findIndex(({ layer }) => layer === frame.layer);
    const known = this.#renditions[index];
    if (known && frame.keyFrame && !isSame(known.format, frame)) this.#gather();
    if (this.#gathered) {
      const frames = this.#gathered.get(frame.layer);
      if (frames) frames.push(frame);
      else if (frame.keyFrame) {
        if (this.#gathered.size === 0) this.#gatheringSince = this.#now();
        this.#gathered.set(frame.layer, [frame]);
      } else if (known) this.#sink.video(index, frame);
      this.#switchIfReady();
    } else if (known) this.#sink.video(index, frame);
    else if (!this.#proving.has(frame.layer)) this.#proving.set(frame.layer, this.#now());
  }

  tick(): void {
    const moving = new Set(this.source.movingLayers().map(({ layer }) => layer));
    for (const layer of this.#proving.keys()) if (!moving.has(layer)) this.#proving.delete(layer);
    if (this.#gathered) {
      this.#switchIfReady();
      return;
    }
    const isProven = [...this.#proving.values()].some((since) => this.#now() - since >= PROVEN_MS);
    const isLost = moving.size > 0 && this.#renditions.some(({ layer }) => !moving.has(layer));
    if (isProven || isLost) this.#gather();
  }

  close(): void {}

  /** What comes from the next key frames on has another format. */
  #gather(): void {
    if (this.#gathered) return;
    this.#gathered = new Map();
    this.source.requestKeyFrame();
  }

  #switchIfReady(): void {
    const gathered = this.#gathered;
    if (!gathered || gathered.size === 0) return;
    const isFirst = this.#renditions.length === 0;
    const awaited = isFirst ? this.source.layerCount : this.source.movingLayers().length;
    if (gathered.size < awaited && this.#now() - this.#gatheringSince < GATHER_MS) return;
    this.#gathered = undefined;
    this.#proving.clear();
    this.#renditions = [...gathered]
      .flatMap(([layer, [first]]) =>
        first?.size && first.config ? [{ layer, format: { ...first.size, config: first.config } }] : [],
      )
      .toSorted((a, b) => b.format.height * b.format.width - a.format.height * a.format.width || b.layer - a.layer);
    this.#sink.renditions(this.#renditions.map(({ format }) => format));
    for (const [index, { layer }] of this.#renditions.entries()) {
      for (const frame of gathered.get(layer) ?? []) this.#sink.video(index, frame);
    }
  }
}

function isSame({ width, height, config }: ProgramRendition, { size, config: other }: SourceFrame): boolean {
  return size?.width === width && size.height === height && other !== undefined && config.equals(other);
}
