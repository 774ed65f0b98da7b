import type { IceServer, Relay } from '@amphi/protocol';
import { createEmitter, type Emitter } from '../emitter.ts';
import type { Request } from '../signaling/signaling.ts';

/** Renewed after this part of their life, so that there is time for another try or two. */
const RENEW_AT = 0.6;
/** With less left than this they are not begun with, in milliseconds. */
const LEAST_LEFT_MS = 20_000;
const RETRY_MS = 10_000;
/** What `setTimeout` can hold; beyond it the timer would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

export type IceServersEvents = { changed: [iceServers: IceServer[]] };

/** The STUN and TURN servers that this session may use, with credentials that are renewed before they expire. */
export class IceServers {
  readonly events: Emitter<IceServersEvents> = createEmitter();
  #request: Request;
  #current: IceServer[] = [];
  #expiresAt = Infinity;
  #renewing: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Grows with every session, whose credentials are not the next one's. */
  #session = 0;

  constructor(request: Request) {
    this.#request = request;
  }

  get current(): IceServer[] {
    return this.#current;
  }

  /** What the server gave this session just now. */
  take({ iceServers, expiresInMs }: Relay): void {
    this.#current = iceServers;
    this.#expiresAt = expiresInMs === null ? Infinity : Date.now() + expiresInMs;
    clearTimeout(this.#timer);
    if (expiresInMs !== null) this.#renewAfter(expiresInMs * RENEW_AT);
    this.events.emit('changed', iceServers);
  }

  /**
   * Settles when the credentials are good for some time to come: at once, unless this machine slept through their end.
   * Never rejects.
   */
  async fresh(): Promise<void> {
    // By the clock and not by a timer, which stands still while a machine sleeps.
    if (this.#expiresAt - Date.now() < LEAST_LEFT_MS) await this.#renew();
  }

  /** The session is over, and with it what it may use. */
  clear(): void {
    this.#session += 1;
    clearTimeout(this.#timer);
    this.#current = [];
    this.#expiresAt = Infinity;
    this.#renewing = null;
  }

  #renewAfter(ms: number): void {
    this.#timer = setTimeout(() => void this.#renew(), Math.min(ms, LONGEST_MS));
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#ask().finally(() => (this.#renewing = null));
    return this.#renewing;
  }

  async #ask(): Promise<void> {
    const session = this.#session;
    try {
      const relay = await this.#request('relay.renew', {});
      if (session === this.#session) this.take(relay);
    } catch {
      // The old ones may be good for a while, and a connection that stands needs none.
      if (session === this.#session) this.#renewAfter(RETRY_MS);
    }
  }
}
