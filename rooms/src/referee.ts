import type { DirectInfo } from '@amphi/protocol';
import type { Clock } from './clock.ts';
import type { CoreEvent } from './member.ts';

/** What the referee knows of a member. */
export type Contender = {
  id: string;
  /** Can hold a direct connection. */
  direct: boolean;
  /** Its connection stands, so that it can negotiate now. */
  here: boolean;
};

export type DirectReport = 'connected' | 'failed' | 'released';

export type RefereeOptions = {
  clock: Clock;
  policy: boolean;
  send(memberId: string, event: CoreEvent): void;
  /** How long the room must have been back to two before another attempt. */
  settleMs?: number;
  /** How long after a failure nothing is tried, as long as the same two are there. */
  retryMs?: number;
  /** How long an attempt may take when a side does not report; the clients themselves give up sooner. */
  connectMs?: number;
  /** How long `ending` waits for both to have the SFU's media again. */
  releaseMs?: number;
};

type Attempt = {
  phase: 'connecting' | 'live' | 'ending';
  epoch: number;
  /** The first is the offerer. */
  pair: readonly [string, string];
  /** Who has reported what the phase waits for. */
  reported: Set<string>;
  cancelTimeout: () => void;
};

/**
 * Judges when the two members of a room are connected directly: `connecting` until both decode each other's media, then
 * `live` while nothing speaks against it, then `ending` until both decode the SFU's media again. The SFU's path exists
 * all the time, so a failure costs nothing.
 */
export class DirectReferee {
  readonly #options: RefereeOptions;
  #policy: boolean;
  #members: readonly Contender[] = [];
  readonly #needs = new Set<symbol>();
  #attempt: Attempt | undefined;
  #epoch = 0;
  /** The time before which no attempt is made. */
  #notBefore = 0;
  #cancelStart: (() => void) | undefined;
  #closed = false;

  constructor(options: RefereeOptions) {
    this.#options = options;
    this.#policy = options.policy;
  }

  /** Who is in the room now, in order of joining. Called after every change of that, and of abilities and presence. */
  setMembers(members: readonly Contender[]): void {
    const before = this.#members;
    this.#members = members;
    const same = before.length === members.length && before.every((member, index) => member.id === members[index]?.id);
    if (!same) {
      const shrunk = before.length > members.length;
      this.#notBefore = this.#options.clock.now() + (shrunk ? (this.#options.settleMs ?? 4000) : 0);
    }
    this.#judge();
  }

  setPolicy(direct: boolean): void {
    this.#policy = direct;
    this.#judge();
  }

  /** Something on the server needs the media (a recording). The answer takes that back. */
  requireSfu(): () => void {
    const need = Symbol('need');
    this.#needs.add(need);
    this.#judge();
    return () => {
      if (this.#needs.delete(need)) this.#judge();
    };
  }

  /** What a member says about its side. Reports of another epoch, or of others, are void. */
  report(memberId: string, epoch: number, report: DirectReport): void {
    const attempt = this.#attempt;
    if (!attempt || attempt.epoch !== epoch || !attempt.pair.includes(memberId)) return;
    const { phase } = attempt;
    if (report === 'failed' && phase !== 'ending') {
      this.#fail(attempt);
    } else if ((report === 'connected' && phase === 'connecting') || (report === 'released' && phase === 'ending')) {
      attempt.reported.add(memberId);
      if (attempt.reported.size < 2) return;
      if (phase === 'connecting') this.#live(attempt);
      else this.#finish(attempt);
    }
  }

  /** The other one of the pair, for passing signals on; undefined when the epoch is over or not this member's. */
  peerOf(memberId: string, epoch: number): string | undefined {
    const attempt = this.#attempt;
    if (!attempt || attempt.epoch !== epoch || !attempt.pair.includes(memberId)) return undefined;
    return attempt.pair.find((id) => id !== memberId);
  }

  /** The direct connection that the member has or builds, for its snapshot. */
  infoFor(memberId: string): DirectInfo | undefined {
    const attempt = this.#attempt;
    const peerId = attempt && this.peerOf(memberId, attempt.epoch);
    if (!attempt || peerId === undefined) return undefined;
    return { epoch: attempt.epoch, peerId, offerer: attempt.pair[0] === memberId };
  }

  /** Stops all timers; nothing is sent any more. */
  close(): void {
    this.#closed = true;
    this.#cancelStart?.();
    this.#attempt?.cancelTimeout();
    this.#attempt = undefined;
  }

  /** Whether these two, and nobody else, may be connected directly. */
  #permitted(): boolean {
    return (
      this.#policy &&
      this.#needs.size === 0 &&
      this.#members.length === 2 &&
      this.#members.every((member) => member.direct)
    );
  }

  #judge(): void {
    if (this.#closed) return;
    this.#cancelStart?.();
    this.#cancelStart = undefined;
    const attempt = this.#attempt;
    if (!attempt) {
      this.#startWhenDue();
      return;
    }
    const bothThere = attempt.pair.every((id) => this.#members.some((member) => member.id === id));
    if (bothThere && this.#permitted()) return;
    if (!bothThere || attempt.phase === 'connecting') this.#finish(attempt);
    else if (attempt.phase === 'live') this.#end(attempt);
  }

  #startWhenDue(): void {
    const [first, second] = this.#members;
    if (!this.#permitted() || !first?.here || !second?.here) return;
    const wait = this.#notBefore - this.#options.clock.now();
    if (wait > 0) {
      this.#cancelStart = this.#options.clock.after(wait, () => this.#judge());
      return;
    }
    const epoch = ++this.#epoch;
    const attempt: Attempt = {
      phase: 'connecting',
      epoch,
      pair: [first.id, second.id],
      reported: new Set(),
      cancelTimeout: () => {},
    };
    this.#attempt = attempt;
    attempt.cancelTimeout = this.#options.clock.after(this.#options.connectMs ?? 10_000, () => this.#fail(attempt));
    this.#options.send(first.id, { name: 'direct.start', data: { epoch, peerId: second.id, offerer: true } });
    this.#options.send(second.id, { name: 'direct.start', data: { epoch, peerId: first.id, offerer: false } });
  }

  #live(attempt: Attempt): void {
    attempt.cancelTimeout();
    attempt.phase = 'live';
    this.#tell(attempt, 'live');
  }

  #end(attempt: Attempt): void {
    attempt.phase = 'ending';
    attempt.reported.clear();
    attempt.cancelTimeout = this.#options.clock.after(this.#options.releaseMs ?? 5000, () => this.#finish(attempt));
    this.#tell(attempt, 'ending');
  }

  #fail(attempt: Attempt): void {
    this.#notBefore = this.#options.clock.now() + (this.#options.retryMs ?? 30_000);
    if (attempt.phase === 'connecting') this.#finish(attempt);
    else this.#end(attempt);
  }

  #finish(attempt: Attempt): void {
    attempt.cancelTimeout();
    this.#attempt = undefined;
    this.#tell(attempt, 'closed');
    this.#judge();
  }

  #tell(attempt: Attempt, state: 'live' | 'ending' | 'closed'): void {
    for (const id of attempt.pair) {
      if (!this.#members.some((member) => member.id === id)) continue;
      this.#options.send(id, { name: 'direct.state', data: { epoch: attempt.epoch, state } });
    }
  }
}
