import { asReport, selectedPair } from '../stats/report.ts';
import type { NetworkCheck } from '../types.ts';
import type { Transports } from './transports.ts';

/** How long both transports may take to connect before media counts as blocked, in milliseconds. */
const BLOCKED_MS = 8000;

/** Says whether media gets through to the SFU, and how. */
export class NetworkWatch {
  check: NetworkCheck = { state: 'unknown' };
  #transports: Transports;
  #sends: () => boolean;
  #changed: (check: NetworkCheck) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #known = Promise.withResolvers<void>();

  constructor(transports: Transports, sends: () => boolean, changed: (check: NetworkCheck) => void) {
    this.#transports = transports;
    this.#sends = sends;
    this.#changed = changed;
    transports.events.on('state', () => void this.#onState());
  }

  /** Settles when it is known whether media gets through. */
  get known(): Promise<void> {
    return this.#known.promise;
  }

  /** The transports begin to connect. */
  start(): void {
    if (this.check.state === 'unknown') this.#set({ state: 'checking' });
    this.#wait();
  }

  /** There are no transports for now. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#known.resolve();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#set({ state: 'blocked' });
      this.#known.resolve();
    }, BLOCKED_MS);
  }

  async #onState(): Promise<void> {
    const { send, recv } = this.#transports;
    if (!send || !recv) return;
    // What is never sent on is never connected.
    const used = this.#sends() ? [send, recv] : [recv];
    if (used.some(({ connectionState }) => connectionState !== 'connected')) {
      const lost = used.some(({ connectionState: state }) => state === 'disconnected' || state === 'failed');
      if (lost && this.check.state === 'ok') this.#wait();
      return;
    }
    clearTimeout(this.#timer);
    const report = await (used[0] ?? recv).getStats().then(asReport, () => null);
    const selected = report ? selectedPair(report) : undefined;
    const rtt = selected?.pair.currentRoundTripTime;
    this.#set({
      state: 'ok',
      protocol: selected?.local?.protocol ?? 'udp',
      rttMs: rtt === undefined ? null : Math.round(rtt * 1000),
    });
    this.#known.resolve();
  }

  #set(check: NetworkCheck): void {
    this.check = check;
    this.#changed(check);
  }
}
