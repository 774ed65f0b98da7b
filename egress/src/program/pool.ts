import type { Program } from './program.ts';

/** A share of a room's program. */
export type ProgramLease = {
  program: Program;
  /** Gives the share back; the last one closes the program. Repeating it changes nothing. */
  release(): void;
};

/** The programs that are open, one a room, shared by all that take them: what a room costs does not grow with its outputs. */
export class ProgramPool {
  readonly #open = new Map<string, { program: Program; shares: number }>();
  /** Resolved when no program that was closed is still closing. */
  #closing: Promise<unknown> = Promise.resolve();

  /** The rooms whose program is open. */
  get rooms(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** The program of the room: the one that is open, or what `opener` makes. What `opener` throws goes to the caller. */
  use(roomId: string, opener: () => Program): ProgramLease {
    const shared = this.#open.get(roomId) ?? { program: opener(), shares: 0 };
    this.#open.set(roomId, shared);
    shared.shares += 1;
    let released = false;
    return {
      program: shared.program,
      release: () => {
        if (released) return;
        released = true;
        shared.shares -= 1;
        if (shared.shares === 0 && this.#open.get(roomId) === shared) this.#close(roomId, shared.program);
      },
    };
  }

  /** Closes the program of the room for all that take it, as when the room ended; what is used afterwards is a new one. */
  end(roomId: string): void {
    const shared = this.#open.get(roomId);
    if (shared !== undefined) this.#close(roomId, shared.program);
  }

  /** Closes all, and waits until it is done, also with what was released before. */
  async close(): Promise<void> {
    for (const roomId of this.rooms) this.end(roomId);
    await this.#closing;
  }

  #close(roomId: string, program: Program): void {
    this.#open.delete(roomId);
    this.#closing = Promise.allSettled([this.#closing, program.close()]);
  }
}
