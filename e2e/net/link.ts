import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const EMULATOR = fileURLToPath(new URL('./linkem.py', import.meta.url));

/** What a link does to packets; see linkem.py for the units. What is left out stays as it was. */
export type LinkSettings = {
  /** Milliseconds, one way. */
  delay?: number;
  /** Standard deviation of the delay in milliseconds. */
  jitter?: number;
  /** Percent. */
  loss?: number;
  /** kbit/s; 0 for no limit. */
  rate?: number;
  /** Milliseconds of waiting at `rate` before packets are dropped. */
  queue?: number;
  down?: boolean;
  udp_drop?: boolean;
  /** Every request for a key frame is lost. */
  pli_drop?: boolean;
};

/** `up` is from the client to the server. */
export type LinkDirection = 'up' | 'down' | 'both';
export type LinkCounters = { seen: number; lost: number; overflowed: number };

/** Good as new. */
export const CLEAN: Required<LinkSettings> = {
  delay: 0,
  jitter: 0,
  loss: 0,
  rate: 0,
  queue: 300,
  down: false,
  udp_drop: false,
  pli_drop: false,
};

const WIRE_DIRECTION = { up: 'ab', down: 'ba', both: 'both' } as const;

/** Runs the emulator between two TUN devices and changes its settings live. */
export class Link {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  private constructor(emulator: ChildProcessWithoutNullStreams) {
    this.#process = emulator;
    this.#lines = createInterface(emulator.stdout)[Symbol.asyncIterator]();
  }

  /** Makes the devices `client` and `server` in the caller's namespace. Rejects when TUN is not allowed here. */
  static async open(client: string, server: string): Promise<Link> {
    const emulator = spawn('python3', [EMULATOR, client, server]);
    let complaint = '';
    emulator.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    const link = new Link(emulator);
    const first = await link.#lines.next();
    if (first.done || first.value !== 'ready') {
      throw new Error(`The link emulator did not start: ${complaint.trim().split('\n').at(-1)}`);
    }
    return link;
  }

  set(settings: LinkSettings, direction: LinkDirection = 'both'): void {
    this.#tell({ direction: WIRE_DIRECTION[direction], set: settings });
  }

  /** Undoes every {@link set}. */
  mend(): void {
    this.set(CLEAN);
  }

  async counters(): Promise<{ up: LinkCounters; down: LinkCounters }> {
    this.#tell({ counters: true });
    const line = await this.#lines.next();
    if (line.done) throw new Error('The link emulator has ended.');
    const [up, down] = JSON.parse(line.value) as [LinkCounters, LinkCounters];
    return { up, down };
  }

  async close(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.stdin.end();
    await ended;
  }

  #tell(message: unknown): void {
    this.#process.stdin.write(`${JSON.stringify(message)}\n`);
  }
}
