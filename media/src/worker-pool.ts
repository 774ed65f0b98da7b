import type { types } from 'mediasoup';
import type { MediaPlaneOptions } from './options.ts';
import { startWorker, stopWorker } from './worker-process.ts';
import type { LiveWorker } from './worker-process.ts';

const CPU_SAMPLE_MS = 5000;
/** What one core carries, roughly, in consumers: makes its CPU share comparable with what is placed on it. */
const CONSUMERS_PER_CORE = 500;
/** A worker that died younger than this may be crashing on start. */
const YOUNG_MS = 10_000;
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 10_000;
const REBIND_MS = 2000;
/** A worker that ended in good order was told to, together with this process: do not race the shutdown. */
const AFTER_EXIT_MS = 500;

type Load = Pick<LiveWorker, 'routers' | 'members' | 'consumers' | 'cpuShare'>;

/** How much a worker carries, in consumers. Counts follow at once, the CPU lags behind but knows what a consumer costs. */
export function loadOf(worker: Load): number {
  return Math.max(worker.consumers + worker.members + worker.routers, worker.cpuShare * CONSUMERS_PER_CORE);
}

/** How long to wait before the next start of a worker that died young for the `crashes`-th time in a row. */
export function backoffMs(crashes: number): number {
  return crashes <= 1 ? 0 : Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (crashes - 2));
}

export interface WorkerPoolEvents {
  /** The worker is gone, with all that was on it. */
  lost(worker: LiveWorker): void;
  /** A worker can take rooms: the replacement, or another one where the replacement has to wait. */
  ready(): void;
}

type Slot = { live: LiveWorker | undefined; crashes: number; timer: NodeJS.Timeout | undefined };

/** Keeps the worker processes running, each on its own port, and says which one has the most room. */
export class WorkerPool {
  readonly #options: MediaPlaneOptions;
  readonly #events: WorkerPoolEvents;
  readonly #slots: Slot[] = [];
  readonly #baselines = new WeakMap<LiveWorker, { at: number; cpuSeconds: number }>();
  #sampler: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(options: MediaPlaneOptions, events: WorkerPoolEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** Starts all workers; rejects with a sentence for the operator when one cannot be. */
  static async start(options: MediaPlaneOptions, events: WorkerPoolEvents): Promise<WorkerPool> {
    const pool = new WorkerPool(options, events);
    const starts = Array.from({ length: options.workers }, (_, index) => startWorker(options, index, 0));
    const settled = await Promise.allSettled(starts);
    const failed = settled.find((result) => result.status === 'rejected');
    if (failed !== undefined) {
      for (const result of settled) if (result.status === 'fulfilled') result.value.worker.close();
      throw failed.reason;
    }
    for (const result of settled) {
      if (result.status !== 'fulfilled') continue;
      const slot: Slot = { live: undefined, crashes: 0, timer: undefined };
      pool.#slots.push(slot);
      pool.#install(slot, result.value);
    }
    pool.#sampler = setInterval(() => void pool.sample(), CPU_SAMPLE_MS).unref();
    return pool;
  }

  get live(): LiveWorker[] {
    return this.#slots.flatMap((slot) => slot.live ?? []);
  }

  /** The least loaded worker that is not among `except`. */
  pick(except: ReadonlySet<LiveWorker> = new Set()): LiveWorker | undefined {
    let best: LiveWorker | undefined;
    for (const worker of this.live) {
      if (except.has(worker)) continue;
      if (best === undefined || loadOf(worker) < loadOf(best)) best = worker;
    }
    return best;
  }

  /** Reads the workers' CPU times: one small message to each. */
  async sample(): Promise<void> {
    await Promise.all(this.live.map((live) => this.#sampleOne(live)));
  }

  /** Ends all workers; resolves when their processes, and with them their ports, are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sampler);
    const { live } = this;
    for (const slot of this.#slots) {
      clearTimeout(slot.timer);
      slot.live = undefined;
    }
    await Promise.all(live.map(({ worker }) => stopWorker(worker)));
  }

  async #sampleOne(live: LiveWorker): Promise<void> {
    let usage: types.WorkerResourceUsage;
    try {
      usage = await live.worker.getResourceUsage();
    } catch {
      return; // It died meanwhile, which is noticed elsewhere.
    }
    const now = performance.now();
    const base = this.#baselines.get(live) ?? { at: live.startedAt, cpuSeconds: 0 };
    live.cpuSeconds = (usage.ru_utime + usage.ru_stime) / 1000;
    const elapsed = (now - base.at) / 1000;
    // Two readings close together (somebody asks for the statistics) say little about the load.
    if (elapsed < CPU_SAMPLE_MS / 2000) return;
    live.cpuShare = Math.min(1, (live.cpuSeconds - base.cpuSeconds) / elapsed);
    this.#baselines.set(live, { at: now, cpuSeconds: live.cpuSeconds });
  }

  #install(slot: Slot, live: LiveWorker): void {
    slot.live = live;
    live.worker.on('died', (error) => this.#died(slot, live, error));
    // It may have died while others were still starting.
    if (live.worker.died) this.#died(slot, live, new Error('died on start'));
  }

  #died(slot: Slot, live: LiveWorker, error: Error): void {
    if (this.#closed || slot.live !== live) return;
    slot.live = undefined;
    const inOrder = error.message.includes('code:0');
    slot.crashes = performance.now() - live.startedAt < YOUNG_MS ? slot.crashes + 1 : 1;
    const wait = inOrder ? AFTER_EXIT_MS : backoffMs(slot.crashes);
    this.#options.logger[inOrder ? 'warn' : 'error'](
      { worker: live.index, pid: live.pid, reason: error.message, restartInMs: wait },
      'A media worker ended; its rooms move to its replacement.',
    );
    this.#events.lost(live);
    this.#restartIn(slot, live.index, wait);
    // Rooms need not wait where others can take them.
    if (wait > 0 && this.live.length > 0) this.#events.ready();
  }

  #restartIn(slot: Slot, index: number, wait: number): void {
    if (wait === 0) void this.#restart(slot, index);
    else slot.timer = setTimeout(() => void this.#restart(slot, index), wait);
  }

  async #restart(slot: Slot, index: number): Promise<void> {
    const startedAt = performance.now();
    try {
      const live = await startWorker(this.#options, index, REBIND_MS);
      if (this.#closed) {
        live.worker.close();
        return;
      }
      this.#install(slot, live);
      this.#options.logger.info(
        { worker: index, pid: live.pid, port: live.port, tookMs: Math.round(performance.now() - startedAt) },
        'A media worker was replaced.',
      );
      this.#events.ready();
    } catch (error) {
      if (this.#closed) return;
      slot.crashes += 1;
      const wait = Math.max(FIRST_BACKOFF_MS, backoffMs(slot.crashes));
      this.#options.logger.error(
        { worker: index, err: error, retryInMs: wait },
        'A media worker could not be replaced.',
      );
      this.#restartIn(slot, index, wait);
      if (this.live.length > 0) this.#events.ready();
    }
  }
}
