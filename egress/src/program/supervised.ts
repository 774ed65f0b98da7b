import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Logger } from '@amphi/rooms';

/** The delay before a process is started again: from the first to the last, doubled each time. */
const FIRST_DELAY_MS = 100;
const LAST_DELAY_MS = 5000;
/** One that ran for so long is taken to have been well. */
const WELL_AFTER_MS = 10_000;

/** Where a program is, by its name or path; undefined where there is none that can be run. */
export function findProgram(name: string): string | undefined {
  const candidates = name.includes('/')
    ? [name]
    : (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export type SupervisedOptions = {
  command: string;
  args: readonly string[];
  /** What it is for, in the log. */
  purpose: string;
  /** It runs: for the first time, or again; nothing of what an earlier one was given is known to it. */
  onStart(): void;
  onData(piece: Buffer): void;
  /** It ended by itself, and will be started again. `failures`: in a row. Calls must not throw. */
  onExit?(failures: number): void;
  logger: Logger;
};

/** A process that takes bytes and gives bytes, and that is started again when it ends. */
export class Supervised {
  readonly #options: SupervisedOptions;
  #child: ChildProcessByStdio<Writable, Readable, Readable> | undefined;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SupervisedOptions) {
    this.#options = options;
    this.#start();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How many bytes wait to be taken by it. */
  get waiting(): number {
    return this.#child?.stdin.writableLength ?? 0;
  }

  /** Hands bytes over; what is written while it does not run is lost. @returns whether it runs */
  write(bytes: Buffer): boolean {
    const stdin = this.#child?.stdin;
    if (!stdin?.writable) return false;
    stdin.write(bytes);
    return true;
  }

  /** Ends it, to be started again. */
  restart(): void {
    this.#child?.kill('SIGKILL');
  }

  /** Ends it for good. Repeating it changes nothing. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#child?.kill('SIGKILL');
  }

  #start(): void {
    const { command, args, onStart, onData } = this.#options;
    const startedAt = performance.now();
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    let said = '';
    // Writing to one that has ended; its end is told by itself.
    child.stdin.on('error', () => {});
    child.stderr.on('data', (piece: Buffer) => {
      said = (said + piece.toString()).slice(-1000);
    });
    child.stdout.on('data', (piece: Buffer) => {
      if (this.#child === child && !this.#closed) onData(piece);
    });
    const ended = (reason: string): void => {
      if (this.#child !== child) return;
      this.#child = undefined;
      if (!this.#closed) this.#again(performance.now() - startedAt, said.trim() || reason);
    };
    child.once('error', (error) => ended(error.message));
    child.once('close', (code, signal) => ended(`it ended with ${signal ?? `code ${code}`}`));
    onStart();
  }

  #again(ranMs: number, reason: string): void {
    const { purpose, logger, onExit } = this.#options;
    this.#failures = ranMs >= WELL_AFTER_MS ? 1 : this.#failures + 1;
    logger.warn({ purpose, reason, failures: this.#failures }, 'a helper process ended and is started again');
    const delay = Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** (this.#failures - 1));
    this.#timer = setTimeout(() => this.#start(), delay).unref();
    onExit?.(this.#failures);
  }
}
