import type { Logger } from '@amphi/rooms';
import type { TranscodeBudget } from './budget.ts';
import { Canvas, CANVAS, CANVAS_CORES } from './canvas/canvas.ts';
import { placeOnStage, type ProgramLayout, seenOf } from './canvas/stage-layout.ts';
import { type ProgramClock, steadyNow } from './clock.ts';
import { Passthrough } from './passthrough.ts';
import type { PictureOut } from './picture-out.ts';
import type { PictureSource, SourceFrame } from './picture-source.ts';

/** For so long a picture that was announced is waited for, before something else is shown. */
const PICTURE_WITHIN_MS = 3000;
/** A canvas that did not work is tried again after this. */
const RETRY_CANVAS_MS = 60_000;
const CANVAS_KEY = 'canvas';

export type DirectorOptions = {
  out: PictureOut;
  layout: ProgramLayout;
  clock: ProgramClock;
  budget: TranscodeBudget;
  /** Without it nothing can be put together. */
  ffmpeg: string | undefined;
  /** One picture of H.264 is not shown as it is, either. */
  canvasOnly?: boolean;
  logger: Logger;
};

/**
 * Decides what is to be seen, and which way: one H.264 picture as it is, all else on a canvas. Where nobody shows a picture
 * the canvas is empty rather than that there is none: players stop at the end of a track that others go on without.
 */
export class Director {
  /** In the order in which they came on stage. */
  readonly pictures = new Map<string, PictureSource>();
  readonly #options: DirectorOptions;
  #layout: ProgramLayout;
  #speakerId: string | undefined;
  #canvas: Canvas | undefined;
  #releaseBudget: (() => void) | undefined;
  #refused: string | undefined;
  #retryAt = -Infinity;
  /** Since when no picture has been there. */
  #bareSince = steadyNow();
  /** What the canvas was last told. */
  #placed = '';

  constructor(options: DirectorOptions) {
    this.#options = options;
    this.#layout = options.layout;
  }

  /** Why not all that is on stage is seen, in a sentence; undefined where it is. */
  get refused(): string | undefined {
    return this.#refused;
  }

  get picture(): 'none' | 'passthrough' | 'canvas' {
    const { current } = this.#options.out;
    return current === undefined ? 'none' : current === CANVAS_KEY ? 'canvas' : 'passthrough';
  }

  setLayout(layout: ProgramLayout): void {
    this.#layout = layout;
    this.choose();
  }

  setSpeaker(memberId: string | null): void {
    // Who spoke last stays large.
    if (memberId !== null) this.#speakerId = memberId;
  }

  take(frame: SourceFrame, from: PictureSource): void {
    for (const feed of this.#options.out.feeds) {
      if (feed instanceof Canvas) feed.take(frame, from);
      else if (feed instanceof Passthrough && feed.source === from) feed.take(frame);
    }
  }

  /** Nothing comes at all: what there is stays as it is. */
  nothingComes(): void {
    this.#bareSince = steadyNow();
  }

  /** To be called several times a second. */
  tick(): void {
    for (const feed of this.#options.out.feeds) {
      if (feed instanceof Passthrough) feed.source.keepKeyFrames();
    }
    this.choose();
    this.#options.out.tick();
    this.#dropCanvas();
  }

  choose(): void {
    const shown = [...this.pictures.values()].filter(({ isShown }) => isShown);
    if (shown.length > 0) this.#bareSince = steadyNow();
    else if (this.#isAwaited()) return;
    const seen = new Set(seenOf(this.#layout, shown.map(onStage)).map(({ id }) => id));
    const visible = shown.filter(({ id }) => seen.has(id));
    const [first] = visible;
    const { canvasOnly = false } = this.#options;
    if (visible.length === 1 && first?.codec === 'h264' && !canvasOnly) {
      this.#refused = undefined;
      this.#pass(first);
    } else if (this.#mayCanvas()) {
      this.#refused = undefined;
      this.#options.out.show({ key: CANVAS_KEY, open: (sink) => this.#openCanvas(sink) });
      this.#place(visible);
    } else {
      const source = canvasOnly ? undefined : visible.find(({ codec }) => codec === 'h264');
      if (source) this.#pass(source);
      else this.#options.out.showNothing();
    }
  }

  close(): void {
    for (const picture of this.pictures.values()) picture.close();
    this.pictures.clear();
    this.#options.out.close();
    this.#dropCanvas();
  }

  #isAwaited(): boolean {
    const isAnnounced = [...this.pictures.values()].some(({ muted }) => !muted);
    return isAnnounced && steadyNow() - this.#bareSince < PICTURE_WITHIN_MS;
  }

  #pass(source: PictureSource): void {
    this.#options.out.show({ key: source.id, open: (sink) => new Passthrough(source, sink, steadyNow) });
  }

  /** Whether there is a canvas, or may be one now; says why not. */
  #mayCanvas(): boolean {
    if (this.#canvas) return true;
    const { ffmpeg, budget, logger } = this.#options;
    const before = this.#refused;
    if (ffmpeg === undefined) this.#refused = 'Pictures cannot be put together: there is no ffmpeg on this machine.';
    else if (steadyNow() < this.#retryAt) this.#refused = 'Pictures cannot be put together: the encoder does not run.';
    else {
      this.#releaseBudget = budget.take(CANVAS_CORES);
      if (this.#releaseBudget) return true;
      this.#refused = `Pictures cannot be put together: ${CANVAS_CORES} cores are needed, and ${budget.free.toFixed(1)} of those for it are free.`;
    }
    if (this.#refused !== before) logger.warn({ refused: this.#refused }, 'a program shows less than is on stage');
    return false;
  }

  #openCanvas(sink: ConstructorParameters<typeof Canvas>[0]['sink']): Canvas {
    const { ffmpeg = 'ffmpeg', clock, logger } = this.#options;
    this.#placed = '';
    this.#canvas = new Canvas({
      ...{ sink, ffmpeg, logger },
      nowUs: () => clock.timeOf(steadyNow()),
      onFailed: () => {
        this.#retryAt = steadyNow() + RETRY_CANVAS_MS;
        this.#options.out.showNothing();
        this.#dropCanvas();
      },
    });
    return this.#canvas;
  }

  #place(visible: readonly PictureSource[]): void {
    const placed = placeOnStage(this.#layout, visible.map(onStage), this.#speakerId, CANVAS);
    const key = JSON.stringify([...placed]);
    if (key === this.#placed) return;
    this.#placed = key;
    this.#canvas?.place(
      visible.flatMap((source) => {
        const rect = placed.get(source.id);
        return rect ? [{ source, rect }] : [];
      }),
    );
  }

  /** Gives back what a canvas took that is shown no more. */
  #dropCanvas(): void {
    if (this.#canvas && this.#options.out.feeds.includes(this.#canvas)) return;
    this.#canvas = undefined;
    this.#releaseBudget?.();
    this.#releaseBudget = undefined;
  }
}

function onStage({ id, memberId, source }: PictureSource) {
  return { id, memberId, kind: source === 'screen' ? ('screen' as const) : ('camera' as const) };
}
