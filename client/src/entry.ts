import type { AmphiError } from '@amphi/protocol/amphi-error';
import type { Snapshot, TransportPair } from '@amphi/protocol';
import type { Direct } from './direct/direct.ts';
import type { Sfu } from './media/sfu.ts';
import { isTemporary } from './signaling/backoff.ts';
import type { Signaling, Welcome } from './signaling/signaling.ts';
import type { CallOptions, CallState, JoinOptions } from './types.ts';

const RETRY_MS = 500;

export type EntryOptions = {
  signaling: Signaling;
  sfu: Sfu;
  direct: Direct;
  canDirect: boolean;
  /** What the person is called now. */
  name(): string;
  setState(state: CallState): void;
  /** Without transports where somebody of the audience is given no media. */
  entered(snapshot: Snapshot, transports: TransportPair | undefined): void;
  /** The server will not have this person back. */
  refused(error: AmphiError): void;
};

/** Whether this browser can hold a direct connection, and is meant to. */
export function holdsDirect({ direct = true, handlerFactory }: CallOptions): boolean {
  return direct && handlerFactory === undefined && typeof RTCPeerConnection === 'function';
}

/** Becomes a member of the room, and becomes one again by itself when the server lost the session. */
export class Entry {
  #options: EntryOptions;
  #session: string | null = null;
  #wanted: JoinOptions | null = null;
  #inside = false;
  #first: PromiseWithResolvers<void> | null = null;
  /** What came while the answer to the join was out. */
  #held: (() => void)[] | null = null;

  constructor(options: EntryOptions) {
    this.#options = options;
  }

  /** Whether the person wants to be in the room. */
  get wanted(): boolean {
    return this.#wanted !== null;
  }

  /** Whether media is wanted, also when the room has to be entered again. */
  setMedia(media: boolean): void {
    if (this.#wanted) this.#wanted = { ...this.#wanted, media };
  }

  /** Settles with the first answer; what goes wrong later is put right without anybody waiting. */
  join(options: JoinOptions): Promise<void> {
    this.#wanted = options;
    for (const publication of options.publish ?? []) this.#options.sfu.publications.add(publication);
    this.#first = Promise.withResolvers();
    void this.#enter();
    return this.#first.promise;
  }

  welcome(welcome: Welcome): void {
    const { sfu, direct, setState } = this.#options;
    if (welcome.resumed) {
      setState(this.#inside ? 'joined' : this.wanted ? 'joining' : 'connected');
      return;
    }
    // A new session: the first, or one in place of another that the server lost with all that was built on it.
    this.#session = welcome.sessionId;
    const warmed = sfu.network.state !== 'unknown';
    this.#held = null;
    direct.end();
    sfu.leave();
    sfu.welcome(welcome);
    if (this.wanted) {
      void this.#enter();
    } else {
      setState('connected');
      if (warmed) sfu.warm().catch(() => undefined);
    }
  }

  /**
   * Runs what an event changes; where the answer to the join is still out, after the snapshot in it, on which the event
   * builds. Answer and events may come in one piece, and then the events are here before whoever awaits the answer is.
   */
  inOrder(change: () => void): void {
    if (this.#held) this.#held.push(change);
    else change();
  }

  /** The call is over. */
  close(error: AmphiError): void {
    this.#session = null;
    this.#first?.reject(error);
  }

  async #enter(): Promise<void> {
    const { signaling, sfu, canDirect, name, setState, entered } = this.#options;
    const session = this.#session;
    const held: (() => void)[] = [];
    if (!this.#inside) setState('joining');
    try {
      // Who wants no media needs no WebRTC.
      await (this.#wanted?.media === false ? sfu.ready.catch(() => undefined) : sfu.ready);
      if (session !== this.#session) return;
      this.#held = held;
      const { downlinkBps } = sfu;
      const media = this.#wanted?.media !== false;
      const joining = signaling.request('join', {
        name: name(),
        ...(this.#wanted?.password === undefined ? {} : { password: this.#wanted.password }),
        rtpCapabilities: sfu.recvRtpCapabilities(),
        direct: canDirect,
        ...(media ? {} : { media: false }),
        ...(downlinkBps === undefined ? { measuring: media } : { downlinkBps }),
      });
      if (media) sfu.measure();
      sfu.startEarly();
      const { snapshot, transports, relay } = await joining;
      if (session !== this.#session) return;
      this.#inside = true;
      sfu.iceServers.take(relay);
      sfu.joined(downlinkBps);
      entered(snapshot, transports);
      setState('joined');
      this.#first?.resolve();
    } catch (error) {
      // If the session went away under the request, the next welcome enters again.
      if (session === this.#session) this.#onRefused(error as AmphiError);
    } finally {
      if (this.#held === held) {
        this.#held = null;
        for (const change of held) change();
      }
    }
  }

  #onRefused(error: AmphiError): void {
    const session = this.#session;
    if (error.code === 'session-ended') return;
    if (!this.#inside) {
      this.#wanted = null;
      this.#options.sfu.abandon();
      this.#options.setState('connected');
      this.#first?.reject(error);
    } else if (isTemporary(error.code)) {
      setTimeout(() => {
        if (session === this.#session) void this.#enter();
      }, error.retryAfterMs ?? RETRY_MS);
    } else {
      this.#options.refused(error);
    }
  }
}
