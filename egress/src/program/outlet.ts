import type { ProgramFormat, ProgramFrame, ProgramSink } from './program.ts';

type Taker = {
  sink: ProgramSink;
  /** Renditions of which it has had a key frame. */
  begun: Set<number>;
};

/** Those who take a program: each is told the format first, and of each rendition a key frame first. */
export class Outlet implements ProgramSink {
  readonly #takers = new Set<Taker>();
  #format: ProgramFormat | undefined;
  #isIdle = true;
  #isEnded = false;

  get currentFormat(): ProgramFormat | undefined {
    return this.#format;
  }

  attach(sink: ProgramSink): () => void {
    if (this.#isEnded) {
      sink.ended();
      return () => {};
    }
    const taker: Taker = { sink, begun: new Set() };
    this.#takers.add(taker);
    if (this.#format) sink.format(this.#format);
    if (this.#format && this.#isIdle) sink.idle();
    return () => void this.#takers.delete(taker);
  }

  format(format: ProgramFormat): void {
    this.#format = format;
    for (const taker of this.#takers) {
      taker.begun.clear();
      taker.sink.format(format);
    }
  }

  video(rendition: number, frame: ProgramFrame): void {
    if (!this.#format) return;
    this.#isIdle = false;
    for (const { sink, begun } of this.#takers) {
      if (frame.keyFrame) begun.add(rendition);
      if (begun.has(rendition)) sink.video(rendition, frame);
    }
  }

  audio(frame: ProgramFrame): void {
    if (!this.#format?.audio) return;
    this.#isIdle = false;
    for (const { sink } of this.#takers) sink.audio(frame);
  }

  idle(): void {
    if (this.#isIdle) return;
    this.#isIdle = true;
    for (const { sink } of this.#takers) sink.idle();
  }

  ended(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const { sink } of this.#takers) sink.ended();
    this.#takers.clear();
  }
}
