import { Worker } from 'node:worker_threads';
import type { Logger } from '@amphi/rooms';
import type { Rect } from '../../compose/layout.ts';
import type { Feed, FeedSink } from '../feed.ts';
import type { PictureSource, SourceFrame } from '../picture-source.ts';
import type { ProgramFrame } from '../program.ts';
import { type CanvasSetup, type FromCanvas, threadsNowMs, type ToCanvas } from './messages.ts';

/**
 * A canvas by its height in pixels, in a television's shape: its bits a second, and the cores that it is reckoned with. The
 * encoder has the most of those, tiles are decoded small.
 */
export const CANVASES = {
  720: { width: 1280, height: 720, bitrate: 2_500_000, cores: 0.5 },
  1080: { width: 1920, height: 1080, bitrate: 5_000_000, cores: 1 },
} as const;
const FRAME_RATE = 30;
/** An encoder that fails so often in a row will not work. */
const MAX_FAILURES = 5;

export type CanvasOptions = {
  sink: FeedSink;
  ffmpeg: string;
  height: keyof typeof CANVASES;
  /** As of the {@link CompositorOptions}, which see. */
  delayUs?: number | undefined;
  /** The time on the clock of the program, in microseconds. */
  nowUs(): number;
  /** The encoder cannot be made to run; nothing comes of this canvas any more. */
  onFailed(): void;
  logger: Logger;
};

export type CanvasTile = { id: string; rect: Rect; name?: string | undefined; source: PictureSource | undefined };

/** Several pictures, or what is no H.264, put together and encoded once: in a thread of its own. */
export class Canvas implements Feed {
  readonly #options: CanvasOptions;
  readonly #worker: Worker;
  /** Those who have a tile, and which of their layers goes into it. */
  readonly #tiles = new Map<string, { source: PictureSource; height: number; layer: number | undefined }>();
  #config: Buffer | undefined;
  /** What is told of the format, but not of its first frame. */
  #isNew = false;
  #closed = false;

  constructor(options: CanvasOptions) {
    this.#options = options;
    const { ffmpeg, height, delayUs, nowUs } = options;
    const { width, bitrate } = CANVASES[height];
    const workerData: CanvasSetup = {
      ...{ width, height, bitrate, ffmpeg, delayUs, frameRate: FRAME_RATE },
      originUs: nowUs() - threadsNowMs() * 1000,
    };
    this.#worker = new Worker(new URL('./canvas-worker.ts', import.meta.url), { workerData });
    this.#worker.on('message', (message: FromCanvas) => this.#hear(message));
    this.#worker.on('error', (error) => {
      options.logger.error({ err: error }, 'the picture of a program failed');
      this.#fail();
    });
  }

  /** Shows these, in these places: pictures of sources, or somebody without one, by name. */
  place(tiles: readonly CanvasTile[]): void {
    const wanted = new Map(tiles.flatMap(({ id, rect, source }) => (source ? [[id, { source, rect }] as const] : [])));
    for (const id of this.#tiles.keys()) if (!wanted.has(id)) this.#tiles.delete(id);
    for (const [id, { source, rect }] of wanted) {
      const tile = this.#tiles.get(id);
      if (!tile) source.requestKeyFrame();
      this.#tiles.set(id, { source, height: rect.height, layer: tile?.layer });
    }
    const places = tiles.map(({ id, rect, name, source }) => ({ id, rect, name, isCard: source === undefined }));
    // The thread may be starting, or busy, when it reads this.
    this.#post({ type: 'place', places, fromUs: this.#options.nowUs() });
  }

  /** What was said of the times of a source was wrong by so much. */
  shift({ id }: PictureSource, layer: number, byUs: number): void {
    if (this.#tiles.get(id)?.layer === layer) this.#post({ type: 'shift', id, byUs });
  }

  /** Nothing comes of a canvas with a delay until this: then what was to be seen at this time, and what follows. */
  begin(atUs: number): void {
    this.#post({ type: 'begin', atUs });
  }

  take(frame: SourceFrame, source: PictureSource): void {
    const tile = this.#tiles.get(source.id);
    if (!tile) return;
    // Another layer can only be gone over to with a key frame of it.
    if (frame.keyFrame && frame.layer === this.#layerFor(tile)) tile.layer = frame.layer;
    if (frame.layer !== tile.layer) return;
    const { codec, keyFrame, timeUs, data, size, config } = frame;
    this.#post({ type: 'frame', id: source.id, frame: { codec, keyFrame, timeUs, data, size, config } });
  }

  tick(): void {
    for (const tile of this.#tiles.values()) {
      const wanted = this.#layerFor(tile);
      if (wanted !== undefined && wanted !== tile.layer) tile.source.requestKeyFrame();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#worker.postMessage('close', []);
  }

  /** The smallest layer that fills the tile, of those that come. */
  #layerFor({ source, height }: { source: PictureSource; height: number }): number | undefined {
    const moving = source.movingLayers();
    return (moving.find(({ state }) => state.height >= height * 0.9) ?? moving.at(-1))?.layer;
  }

  #post(message: ToCanvas): void {
    if (!this.#closed) this.#worker.postMessage(message, []);
  }

  #hear(message: FromCanvas): void {
    if (message.type === 'log') this.#options.logger[message.level](message.details, message.message);
    if (this.#closed) return;
    switch (message.type) {
      case 'config': {
        const config = Buffer.from(message.config);
        this.#isNew = !this.#config?.equals(config);
        this.#config = config;
        break;
      }
      case 'frame':
        this.#give(message);
        break;
      case 'needs-key-frame':
        this.#tiles.get(message.id)?.source.requestKeyFrame();
        break;
      case 'failure':
        if (message.failures >= MAX_FAILURES) this.#fail();
        break;
      default:
    }
  }

  #give({ timeUs, keyFrame, data }: Extract<FromCanvas, { type: 'frame' }>): void {
    if (!this.#config) return;
    const { width, height } = CANVASES[this.#options.height];
    if (this.#isNew) this.#options.sink.renditions([{ width, height, config: this.#config }]);
    this.#isNew = false;
    // The wall is the program's to say.
    const frame: ProgramFrame = { timeUs, wall: 0, keyFrame, data: Buffer.from(data) };
    this.#options.sink.video(0, frame);
  }

  #fail(): void {
    if (this.#closed) return;
    this.close();
    this.#options.onFailed();
  }
}
