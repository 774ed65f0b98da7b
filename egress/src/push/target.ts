import type { Duplex } from 'node:stream';
import type { Clock } from '@amphi/rooms';
import type { Program } from '../program/program.ts';
import { publish, type Publication } from '../rtmp/client.ts';
import { ProgramFeed } from './feed.ts';
import { heals, problemOf, PushProblem, type PushReason } from './problem.ts';

/**
 * Where a push stands. `idle`: not asked for. `waiting`: connected, and nobody on stage sends anything. `retrying`: broken
 * off for `reason`, and tried again at `retryAt`. `failed`: for `reason`, and not tried again by itself.
 */
export type PushStatus = {
  state: 'idle' | 'connecting' | 'waiting' | 'live' | 'retrying' | 'failed';
  reason: PushReason | null;
  detail: string | null;
  /** Milliseconds since the epoch. */
  since: number;
  retryAt: number | null;
};

/** A connection to a target, and what to ask for over it. */
export type PushLine = { socket: Duplex; app: string; tcUrl: string };

export type PushTargetOptions = {
  /** Connects. Rejects with PushProblem. */
  dial(signal: AbortSignal): Promise<PushLine>;
  /** A secret; it goes to the other side and nowhere else. */
  key: string;
  /** What is pushed; taken while it is connected only. Rejects when there is none, which is tried again. */
  program(): Promise<Program>;
  clock: Clock;
  onStatus(status: PushStatus): void;
};

/** How long the other side may take to take the stream, name and connection included. */
const ANSWER_WITHIN_MS = 12_000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;
/** A stream that lasted so long is no failed attempt. */
const HELD_MS = 10_000;
/** So many streams in a row that were dropped at once: the other side does not want them. */
const MOST_SHORT = 3;

/** Pushes a program to one RTMP server, and sees to it that it stays there. */
export class PushTarget {
  readonly #options: PushTargetOptions;
  #status: PushStatus;
  /** Aborts what is going on; undefined when stopped. */
  #run: AbortController | undefined;
  #detach: (() => void) | undefined;
  #publication: Publication | undefined;
  #cancelRetry: (() => void) | undefined;
  #failures = 0;
  #short = 0;
  /** The other side has taken the stream for a while, so that key and address were right. */
  #proven = false;
  #begunAt = 0;

  constructor(options: PushTargetOptions) {
    this.#options = options;
    this.#status = { state: 'idle', reason: null, detail: null, since: options.clock.now(), retryAt: null };
  }

  get status(): PushStatus {
    return this.#status;
  }

  /** Begins, also after it failed. Repeating it while it works changes nothing. */
  start(): void {
    if (this.#run && this.#status.state !== 'failed') return;
    this.#failures = 0;
    this.#short = 0;
    this.#run = new AbortController();
    void this.#connect(this.#run.signal);
  }

  /** Ends the stream in order. Repeating it changes nothing. */
  stop(): void {
    if (!this.#run) return;
    this.#run.abort(new Error('the push was stopped'));
    this.#run = undefined;
    this.#release();
    this.#become('idle');
  }

  async #connect(stopped: AbortSignal): Promise<void> {
    this.#become('connecting');
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
    let lost = false;
    const onEnd = (error: Error) => {
      lost = true;
      this.#broke(problemOf(error));
    };
    try {
      const line = await this.#options.dial(signal);
      const publication = await publish({ ...line, key: this.#options.key, onEnd }, signal);
      const program = await this.#options.program().catch((error: unknown) => {
        publication.close();
        throw error;
      });
      if (stopped.aborted) publication.close();
      else if (!lost) this.#begin(publication, program);
    } catch (error) {
      if (!stopped.aborted && !lost) this.#broke(problemOf(error));
    }
  }

  #begin(publication: Publication, program: Program): void {
    const { clock } = this.#options;
    this.#publication = publication;
    this.#begunAt = clock.now();
    this.#become('waiting');
    const feed = new ProgramFeed({
      publication,
      now: () => clock.now(),
      onFlow: (flowing) => this.#become(flowing ? 'live' : 'waiting'),
      onBreak: () => this.#again(),
      onBehind: () => {
        // A key frame is asked for whenever somebody begins to take the program.
        this.#detach?.();
        this.#detach = program.attach(feed);
      },
      onStall: () => this.#broke(new PushProblem('slow')),
      onEnd: () => this.stop(),
    });
    const detach = program.attach(feed);
    // The program may have ended by being attached to.
    if (this.#publication === publication) this.#detach = detach;
    else detach();
  }

  /** Another stream to the same target at once: what comes does not continue what was sent. */
  #again(): void {
    this.#release();
    if (this.#run) void this.#connect(this.#run.signal);
  }

  #broke(problem: PushProblem): void {
    const began = this.#publication !== undefined;
    this.#release();
    if (!this.#run) return;
    const { clock } = this.#options;
    if (began && clock.now() - this.#begunAt >= HELD_MS) {
      this.#proven = true;
      this.#failures = 0;
      this.#short = 0;
    } else if (began) {
      this.#short += 1;
    }
    this.#failures += 1;
    const { reason, detail } = this.#judge(problem);
    if (!this.#mayRetry(reason, detail)) {
      this.#become('failed', { reason, detail });
      return;
    }
    const delay = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#failures - 1));
    this.#become('retrying', { reason, detail, retryAt: clock.now() + delay });
    const { signal } = this.#run;
    this.#cancelRetry = clock.after(delay, () => void this.#connect(signal));
  }

  #judge(problem: PushProblem): PushProblem {
    // The same key, at the same address: it was taken before.
    if (this.#proven && (problem.reason === 'key' || problem.reason === 'app')) {
      return new PushProblem('dropped', problem.detail);
    }
    return !this.#proven && this.#short >= MOST_SHORT ? new PushProblem('hangs-up', problem.detail) : problem;
  }

  #mayRetry(reason: PushReason, detail: string | null): boolean {
    if (heals(reason)) return true;
    // Who hangs up without a word may have done so for another reason: it is asked once more.
    return (reason === 'key' || reason === 'app') && detail === null && this.#failures === 1;
  }

  #release(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    const publication = this.#publication;
    this.#publication = undefined;
    this.#detach?.();
    this.#detach = undefined;
    publication?.close();
  }

  #become(
    state: PushStatus['state'],
    { reason = null, detail = null, retryAt = null }: Partial<PushStatus> = {},
  ): void {
    this.#status = { state, reason, detail, since: this.#options.clock.now(), retryAt };
    this.#options.onStatus(this.#status);
  }
}
