import type {
  CoreEvents,
  CoreMethods,
  DataOf,
  ErrorBody,
  EventEnvelope,
  Handshake,
  InputOf,
  OutputOf,
} from '@amphi/protocol';
import { AmphiError } from '@amphi/protocol/amphi-error';
import { PROTOCOL_VERSION } from '@amphi/protocol/constants';
import { createEmitter, type Emitter } from '../emitter.ts';
import { isTemporary, reconnectDelay } from './backoff.ts';
import { Requests } from './requests.ts';
import { ATTEMPT_MS, openSocketIo, type SignalSocket, type SocketFactory } from './socket.ts';

export type Welcome = DataOf<CoreEvents, 'session.welcome'>;

/** Calls a core method; rejects with the AmphiError of the server's answer. */
export type Request = <K extends keyof CoreMethods>(
  method: K,
  data: InputOf<CoreMethods, K>,
) => Promise<OutputOf<CoreMethods, K>>;

export type SignalingEvents = {
  /** A connection stands: a new session, or with `resumed` the old one. */
  welcome: [welcome: Welcome];
  event: [name: string, data: unknown];
  /** The socket dropped and is being connected again. */
  down: [];
  /** The server refuses for good, or could not be reached for `giveUpMs`. */
  lost: [error: AmphiError | null];
};

export type SignalingOptions = {
  room: string;
  server?: string | undefined;
  /** Who this is: see CallOptions. */
  token?: string | undefined;
  hostKey?: string | undefined;
  guest?: string | undefined;
  pass?: string | undefined;
  audience?: boolean | undefined;
  socketFactory?: SocketFactory;
  /** How long to go on trying after a drop, in milliseconds; 3 minutes by default. */
  giveUpMs?: number;
  /** How long to try to reach the server the first time, in milliseconds; 15 seconds by default. */
  firstMs?: number;
};

const PROBE_MS = 1200;

/**
 * The connection to the server: one session over as many sockets as it takes. Requests and events carry on where they
 * were after every drop.
 */
export class Signaling {
  readonly events: Emitter<SignalingEvents> = createEmitter();
  readonly request: Request;
  rttMs: number | null = null;
  /** What brings a member back as what it was, where the server lost the session; it takes the place of the token. */
  pass: string | undefined;

  #options: SignalingOptions;
  #socket: SignalSocket;
  #requests = new Requests();
  #session: { id: string; token: string; seq: number } | null = null;
  #opened: PromiseWithResolvers<Welcome> | null = null;
  #up = false;
  #everUp = false;
  #closed = false;
  #attempt = 0;
  #downSince = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #attemptTimer: ReturnType<typeof setTimeout> | undefined;
  #pingAt = 0;

  constructor(options: SignalingOptions) {
    this.#options = options;
    this.pass = options.pass;
    this.request = ((method: string, data: unknown) => this.call(method, data)) as Request;
    this.#socket = (options.socketFactory ?? openSocketIo)(options.server, () => this.#handshake(), {
      event: (envelope) => this.#onEvent(envelope),
      failed: (body) => this.#onFailed(body),
      closed: () => this.#onClosed(),
    });
  }

  /** Whether a session stands on an open socket. */
  get up(): boolean {
    return this.#up;
  }

  /** Opens the first connection. Rejects with the server's refusal, or with `internal` when it can't be reached. */
  open(): Promise<Welcome> {
    if (!this.#opened) {
      this.#opened = Promise.withResolvers();
      this.#downSince = Date.now();
      this.#connect();
    }
    return this.#opened.promise;
  }

  /** Calls any method by name. Waits for the socket where it is down; rejects when the session ends before the answer. */
  call(method: string, data: unknown): Promise<unknown> {
    if (this.#closed) return Promise.reject(new AmphiError('session-ended', 'The call is over.'));
    return this.#requests.add(method, data, this.#session?.id ?? null, this.#up ? this.#send : null);
  }

  /** Finds out at once whether the socket still works after the network changed, and replaces it where it does not. */
  probe(): void {
    if (this.#closed || !this.#opened) return;
    if (!this.#up) {
      this.#socket.drop();
      this.#attempt = 0;
      this.#schedule(0);
      return;
    }
    const timer = setTimeout(() => this.#socket.drop(), PROBE_MS);
    void this.#measure().finally(() => clearTimeout(timer));
  }

  /** Measures the round trip to the server, at most once a second. Never rejects. */
  async ping(): Promise<void> {
    if (this.#up && performance.now() - this.#pingAt >= 1000) await this.#measure();
  }

  async #measure(): Promise<void> {
    const now = performance.now();
    this.#pingAt = now;
    await this.request('session.ping', {}).then(
      () => void (this.rttMs = performance.now() - now),
      () => undefined,
    );
  }

  /** Ends the session at once and for good. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#up = false;
    clearTimeout(this.#retry);
    clearTimeout(this.#attemptTimer);
    this.#socket.close();
    this.#requests.rejectAll(new AmphiError('session-ended', 'The call is over.'));
    this.events.clear();
  }

  #send: SignalSocket['send'] = (envelope, ack) => this.#socket.send(envelope, ack);

  #handshake(): Handshake {
    const { room, token, hostKey, guest, audience } = this.#options;
    const handshake: Handshake = { protocol: PROTOCOL_VERSION, room };
    const proof = this.pass ?? token;
    if (proof !== undefined) handshake.token = proof;
    if (hostKey !== undefined) handshake.hostKey = hostKey;
    if (guest !== undefined) handshake.guest = guest;
    if (audience === true) handshake.audience = true;
    if (this.#session) handshake.resume = { token: this.#session.token, seq: this.#session.seq };
    return handshake;
  }

  #connect(): void {
    clearTimeout(this.#attemptTimer);
    // Covers what Socket.IO's own time-out does not: a server that accepts and then says nothing.
    this.#attemptTimer = setTimeout(() => {
      this.#socket.drop();
      this.#onFailed(undefined);
    }, ATTEMPT_MS + 1000);
    this.#socket.connect();
  }

  #schedule(delay: number): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#attemptTimer);
    this.#retry = setTimeout(() => this.#connect(), delay);
  }

  #onEvent(envelope: EventEnvelope): void {
    if (this.#closed) return;
    if (envelope.name === 'session.welcome') {
      this.#onWelcome(envelope.data as Welcome, envelope.seq);
      return;
    }
    if (!this.#session) return;
    if (envelope.seq > 0) {
      if (envelope.seq <= this.#session.seq) return;
      this.#session.seq = envelope.seq;
    }
    this.events.emit('event', envelope.name, envelope.data);
  }

  #onWelcome(welcome: Welcome, seq: number): void {
    clearTimeout(this.#attemptTimer);
    clearTimeout(this.#retry);
    this.#up = true;
    this.#everUp = true;
    this.#attempt = 0;
    if (welcome.resumed && this.#session) {
      this.#session.token = welcome.resumeToken;
    } else {
      this.#session = { id: welcome.sessionId, token: welcome.resumeToken, seq };
      this.#requests.rejectOlderThan(welcome.sessionId);
    }
    this.#requests.resend(this.#send);
    this.events.emit('welcome', welcome);
    this.#opened?.resolve(welcome);
  }

  #onClosed(): void {
    if (this.#closed) return;
    if (this.#up) {
      this.#up = false;
      this.#downSince = Date.now();
      this.#requests.pause();
      this.events.emit('down');
    }
    // Someone may have closed the call on `down`.
    if (!this.#closed) this.#retryOrGiveUp(reconnectDelay(this.#attempt++));
  }

  #onFailed(body: ErrorBody | undefined): void {
    if (this.#closed || this.#up) return;
    if (body === undefined) {
      this.#retryOrGiveUp(reconnectDelay(this.#attempt++));
    } else if (body.code === 'session-ended' && this.#session) {
      this.#session = null;
      this.#schedule(0);
    } else if (body.code === 'unauthorized' && this.pass !== undefined) {
      // Too old, or void: without it the person comes as at first.
      this.pass = undefined;
      this.#schedule(0);
    } else if (isTemporary(body.code) && this.#everUp) {
      this.#retryOrGiveUp(Math.min(body.retryAfterMs ?? reconnectDelay(this.#attempt++), 5000));
    } else {
      this.#fail(AmphiError.fromBody(body));
    }
  }

  #retryOrGiveUp(delay: number): void {
    const { giveUpMs = 180_000, firstMs = 15_000 } = this.#options;
    // A page that was frozen sees a long time pass at once: it deserves a few attempts nevertheless.
    const late = Date.now() - this.#downSince > (this.#everUp ? giveUpMs : firstMs);
    if (late && this.#attempt > 5) this.#fail(null);
    else this.#schedule(delay);
  }

  #fail(error: AmphiError | null): void {
    const text = `The server at ${this.#options.server ?? 'this address'} could not be reached: check the network.`;
    this.#opened?.reject(error ?? new AmphiError('internal', text));
    this.events.emit('lost', error);
  }
}
