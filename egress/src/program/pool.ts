import type { Program } from './program.ts';

/** A share of a room's program. */
export type ProgramLease = {
  program: Program;
  /** Gives the share back; the last one closes the program. Repeating it changes nothing. */
  release(): void;
};

type Shared = { opening: Promise<Program>; shares: number };

/** The programs that are open, one a room, shared by all that take them: what a room costs does not grow with its outputs. */
export class ProgramPool {
  readonly #open = new Map<string, Shared>();
  readonly #closing = new Set<Promise<unknown>>();

  /** The rooms whose program is open, or being opened. */
  get rooms(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** The program of the room: the one that is open, or what `opener` makes. Rejects as `opener` does. */
  async use(roomId: string, opener: () => Promise<Program>): Promise<ProgramLease> {
    const shared = this.#open.get(roomId) ?? this.#begin(roomId, opener);
    shared.shares += 1;
    const program = await shared.opening;
    let released = false;
    return {
      program,
      release: () => {
        if (released) return;
        released = true;
        shared.shares -= 1;
        if (shared.shares === 0) this.#close(roomId, shared);
      },
    };
  }

  /** Closes the program of the room for all that take it, as when its event is over; what is used afterwards is a new one. */
  end(roomId: string): void {
    const shared = this.#open.get(roomId);
    if (shared) this.#close(roomId, shared);
  }

  /** Closes all, and waits until it is done, also with what was released before. */
  async close(): Promise<void> {
    for (const roomId of this.rooms) this.end(roomId);
    await Promise.all(this.#closing);
  }

  #begin(roomId: string, opener: () => Promise<Program>): Shared {
    const shared: Shared = { opening: opener(), shares: 0 };
    this.#open.set(roomId, shared);
    const forget = () => {
      if (this.#open.get(roomId) === shared) this.#open.delete(roomId);
    };
    shared.opening.then((program) => {
      // One that ended by itself, with its room, is not given out again.
      program.attach({ format() {}, video() {}, audio() {}, idle() {}, ended: forget });
    }, forget);
    return shared;
  }

  #close(roomId: string, shared: Shared): void {
    if (this.#open.get(roomId) !== shared) return;
    this.#open.delete(roomId);
    const closing = shared.opening.then((program) => program.close()).catch(() => undefined);
    this.#closing.add(closing);
    void closing.then(() => this.#closing.delete(closing));
  }
}
