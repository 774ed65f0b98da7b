import type { IceParameters } from '@amphi/protocol';
import type { Request } from '../signaling/signaling.ts';

type RestartableTransport = {
  readonly id: string;
  readonly closed: boolean;
  readonly connectionState: string;
  restartIce(options: { iceParameters: IceParameters }): Promise<void>;
};

/** The shortest time between two restarts, and how long one may take before the next, in milliseconds. */
const GAP_MS = 1500;
const AGAIN_MS = 4000;

/**
 * Restarts ICE of one transport when it lost its connection or the network changed (RFC 8445 §9), and again until it
 * is connected. The request waits by itself while the socket is down.
 */
export class IceRestarter {
  #transport: RestartableTransport;
  #request: Request;
  #prepared: () => Promise<void>;
  #running = false;
  #lastAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** `prepared` is waited for before every restart. */
  constructor(transport: RestartableTransport, request: Request, prepared: () => Promise<void>) {
    this.#transport = transport;
    this.#request = request;
    this.#prepared = prepared;
  }

  onState(state: string): void {
    if (state === 'disconnected' || state === 'failed') this.restart();
    else if (state === 'connected') clearTimeout(this.#timer);
  }

  /** Restarts now, or as soon as the last restart is long enough ago. Does nothing before the first connection began. */
  restart(): void {
    if (this.#closed || this.#running || this.#transport.connectionState === 'new') return;
    clearTimeout(this.#timer);
    const wait = this.#lastAt + GAP_MS - performance.now();
    if (wait > 0) this.#timer = setTimeout(() => this.restart(), wait);
    else void this.#run();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      await this.#prepared();
      const { iceParameters } = await this.#request('transport.restartIce', { transportId: this.#transport.id });
      if (!this.#closed && !this.#transport.closed) await this.#transport.restartIce({ iceParameters });
    } catch {
      // Refused or void by now; the check below tries again where it still matters.
    }
    this.#running = false;
    this.#lastAt = performance.now();
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      if (this.#transport.connectionState !== 'connected') this.restart();
    }, AGAIN_MS);
  }
}
