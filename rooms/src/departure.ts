import type { Clock } from './clock.ts';

export type DepartureOptions = {
  clock: Clock;
  /** For how long a session without a connection is kept, at most. */
  resumeWindowMs: number;
  /** After a closed connection, the least time until dead media means that the person is gone. */
  deadMediaMs?: number;
  /** Whether the person's media has fresh ICE consent. */
  isAlive(): boolean;
  onLost(): void;
};

/**
 * Decides when somebody whose connection dropped is gone. A connection that was closed (FIN) with media dead as well is a
 * closed tab or a killed browser, and gone after a few seconds; a connection that fell silent is a network that may come
 * back within the resume window.
 *
 * The media plane itself needs seconds of silence before it calls media dead. So these seconds are counted from the drop:
 * media that is found dead later than that has been dead for long enough.
 */
export class Departure {
  readonly #options: DepartureOptions;
  #timers: (() => void)[] = [];
  /** The connection was closed, and long enough ago. */
  #overdue = false;

  constructor(options: DepartureOptions) {
    this.#options = options;
  }

  /** `closed`: the other end closed the connection. `silent`: it stopped to answer. */
  dropped(how: 'closed' | 'silent'): void {
    this.back();
    const { clock, resumeWindowMs, deadMediaMs = 8000, isAlive, onLost } = this.#options;
    this.#timers.push(clock.after(resumeWindowMs, onLost));
    if (how === 'silent') return;
    // Asked at once, because the media plane looks closer from then on.
    isAlive();
    const judge = () => {
      this.#overdue = true;
      this.mediaAlive(isAlive());
    };
    this.#timers.push(clock.after(deadMediaMs, judge));
  }

  /** The media plane found out that media is alive, or dead. */
  mediaAlive(alive: boolean): void {
    if (this.#overdue && !alive) this.#options.onLost();
  }

  /** The connection is back, or the session over. */
  back(): void {
    this.#overdue = false;
    for (const cancel of this.#timers.splice(0)) cancel();
  }
}
