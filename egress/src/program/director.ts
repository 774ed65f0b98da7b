import { type Logger, steadyNow } from '@amphi/rooms';
import type { TranscodeBudget } from './budget.ts';
import { Canvas, CANVASES, type CanvasTile } from './canvas/canvas.ts';
import { type OnStage, placeOnStage, type ProgramLayout, seenOf } from './canvas/stage-layout.ts';
import type { ProgramClock } from './clock.ts';
import { Passthrough } from './passthrough.ts';
import type { PictureOut } from './picture-out.ts';
import type { PictureSource, SourceFrame } from './picture-source.ts';

/** For so long a picture that was announced is waited for, before something else is shown. */
const PICTURE_WITHIN_MS = 3000;
/** A canvas that did not work is tried again after this. */
const RETRY_CANVAS_MS = 60_000;
const CANVAS_KEY = 'canvas';
/** So far a film is behind: what was guessed of the times is known by then, also of whoever has just come. */
export const FILM_DELAY_MS = 3000;

export type DirectorOptions = {
  out: PictureOut;
  layout: ProgramLayout;
  clock: ProgramClock;
  budget: TranscodeBudget;
  /** Without it nothing can be put together. */
  ffmpeg: string | undefined;
  /**
   * Of a film, the height of its picture. It has everybody in it by name, also who has no picture, and all of it comes from a
   * canvas: its format stays the same, whoever comes and goes.
   */
  film?: keyof typeof CANVASES | undefined;
  logger: Logger;
};

/**
 * Decides what is to be seen, and which way: one H.264 picture as it is, all else on a canvas. Where nobody shows a picture
 * the canvas is empty rather than that there is none: players stop at the end of a track that others go on without.
 */
export class Director {
  /** In the order in which they came on stage. */
  readonly pictures = new Map<string, PictureSource>();
  /** The names of those who are in a film, in the order in which they came. */
  readonly people = new Map<string, string>();
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
  #beginsUs: number | undefined;

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
    // A film has whoever comes from the first picture on.
    if (frame.keyFrame && this.#options.film !== undefined) this.choose();
    for (const feed of this.#options.out.feeds) {
      if (feed instanceof Canvas) feed.take(frame, from);
      else if (feed instanceof Passthrough && feed.source === from) feed.take(frame);
    }
  }

  /** What was said of the times of a picture was wrong by so much. */
  shift(byUs: number, layer: number, source: PictureSource): void {
    this.#canvas?.shift(source, layer, byUs);
  }

  /** Of a film: it begins with what was at this time of the program. */
  begin(atUs: number): void {
    this.#beginsUs = atUs;
    this.#canvas?.begin(atUs);
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
    const { film } = this.#options;
    const shown = [...this.pictures.values()].filter(({ isShown }) => isShown);
    if (shown.length > 0) this.#bareSince = steadyNow();
    else if (film === undefined && this.#isAwaited()) return;
    const seen = new Set(seenOf(this.#layout, shown.map(onStage)).map(({ id }) => id));
    const visible = shown.filter(({ id }) => seen.has(id));
    const [first] = visible;
    if (visible.length === 1 && first?.codec === 'h264' && film === undefined) {
      this.#refused = undefined;
      this.#pass(first);
    } else if (this.#mayCanvas()) {
      this.#refused = undefined;
      this.#options.out.show({ key: CANVAS_KEY, open: (sink) => this.#openCanvas(sink) });
      this.#place(visible);
    } else {
      const source = film === undefined ? visible.find(({ codec }) => codec === 'h264') : undefined;
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
      const { cores } = CANVASES[this.#height];
      this.#releaseBudget = budget.take(cores);
      if (this.#releaseBudget) return true;
      this.#refused = `Pictures cannot be put together: ${cores} cores are needed, and ${budget.free.toFixed(1)} of those for it are free.`;
    }
    if (this.#refused !== before) logger.warn({ refused: this.#refused }, 'a program shows less than is on stage');
    return false;
  }

  #openCanvas(sink: ConstructorParameters<typeof Canvas>[0]['sink']): Canvas {
    const { ffmpeg = 'ffmpeg', clock, film, logger } = this.#options;
    this.#placed = '';
    this.#canvas = new Canvas({
      ...{ sink, ffmpeg, logger, height: this.#height },
      delayUs: film === undefined ? undefined : FILM_DELAY_MS * 1000,
      nowUs: () => clock.timeOf(steadyNow()),
      onFailed: () => {
        this.#retryAt = steadyNow() + RETRY_CANVAS_MS;
        this.#options.out.showNothing();
        this.#dropCanvas();
      },
    });
    if (this.#beginsUs !== undefined) this.#canvas.begin(this.#beginsUs);
    return this.#canvas;
  }

  #place(visible: readonly PictureSource[]): void {
    const stage = this.#options.film === undefined ? visible.map(onStage) : this.#filmStage(visible);
    const placed = placeOnStage(this.#layout, stage, this.#speakerId, CANVASES[this.#height]);
    const tiles = [...placed].flatMap(([id, rect]): CanvasTile[] => {
      const item = stage.find((one) => one.id === id);
      return item ? [{ id, rect, source: this.pictures.get(id), name: this.people.get(item.memberId) }] : [];
    });
    const key = JSON.stringify(tiles.map(({ id, rect, name }) => [id, rect, name]));
    if (key === this.#placed) return;
    this.#placed = key;
    this.#canvas?.place(tiles);
  }

  /** Each in turn, as in films of the originals: the screens, then the camera, or what stands for it. */
  #filmStage(visible: readonly PictureSource[]): OnStage[] {
    return [...this.people.keys()].flatMap((memberId) => {
      const own = visible.filter((source) => source.memberId === memberId).map(onStage);
      const camera = own.find(({ kind }) => kind === 'camera');
      const screens = own.filter(({ kind }) => kind === 'screen');
      return [...screens, camera ?? { id: `card ${memberId}`, memberId, kind: 'camera' as const }];
    });
  }

  get #height(): keyof typeof CANVASES {
    return this.#options.film ?? 720;
  }

  /** Gives back what a canvas took that is shown no more. */
  #dropCanvas(): void {
    if (this.#canvas && this.#options.out.feeds.includes(this.#canvas)) return;
    this.#canvas = undefined;
    this.#releaseBudget?.();
    this.#releaseBudget = undefined;
  }
}

function onStage({ id, memberId, source }: PictureSource): OnStage {
  return { id, memberId, kind: source === 'screen' ? 'screen' : 'camera' };
}
