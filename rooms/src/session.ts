import {
  type Answer,
  AmphiError,
  type ErrorCode,
  type LeaveReason,
  type Quality,
  requestEnvelope,
  type Role,
} from '@amphi/protocol';
import { TokenBucket } from './bucket.ts';
import type { Clock } from './clock.ts';
import { Departure } from './departure.ts';
import type { Dispatcher } from './dispatch.ts';
import { EventStream, type Link } from './event-stream.ts';
import type { AnyEvent, Member, MemberProfile } from './member.ts';
import { type Reply, RequestQueue } from './requests.ts';
import type { Room } from './room.ts';

export type SessionOptions = {
  id: string;
  room: Room;
  dispatcher: Dispatcher;
  clock: Clock;
  resumeWindowMs: number;
  requestTimeoutMs?: number;
  /** The session is over; called once. */
  onEnd(reason: LeaveReason): void;
  /** For counting. */
  onAnswer?(method: string, answer: Answer): void;
};

/** Refusals that a correct client does not cause; too many of them end the session. */
const ABUSE: ReadonlySet<ErrorCode> = new Set([
  'bad-request',
  'too-large',
  'unknown-method',
  'rate-limited',
  'forbidden',
]);
const ABUSE_ALLOWED = { burst: 200, perSecond: 2 };

/**
 * One person's stay in a room, from the connection on and over all its reconnections: requests in, events out, and a
 * member of the room once it has joined.
 */
export class Session implements Member {
  readonly id: string;
  readonly room: Room;
  /** The dispatcher's token buckets, by method. */
  readonly buckets = new Map<string, TokenBucket>();
  readonly #options: SessionOptions;
  readonly #events: EventStream;
  readonly #requests: RequestQueue;
  readonly #departure: Departure;
  readonly #abuse: TokenBucket;
  #name = '';
  #direct = false;
  #quality: Quality | undefined;
  #joinedAt = 0;
  #ended = false;
  #endAfterAnswer: LeaveReason | undefined;

  constructor(options: SessionOptions) {
    const { id, room, dispatcher, clock, resumeWindowMs } = options;
    this.id = id;
    this.room = room;
    this.#options = options;
    this.#abuse = new TokenBucket(ABUSE_ALLOWED, clock);
    this.#events = new EventStream({ onGap: () => this.#snapshotEvent() });
    this.#departure = new Departure({
      clock,
      resumeWindowMs,
      isAlive: () => room.media.isAlive(id),
      onLost: () => this.end('lost'),
    });
    this.#requests = new RequestQueue({
      clock,
      timeoutMs: options.requestTimeoutMs,
      admit: (envelope) => dispatcher.admit(this, envelope),
      refuse: (error, envelope) => dispatcher.refuse(error, this, envelope),
      answered: (envelope, answer) => this.#answered(envelope.method, answer),
    });
    // Until the first connection stands, it is as good as dropped.
    this.#departure.dropped('silent');
  }

  get stage(): 'connected' | 'joined' | 'ended' {
    if (this.#ended) return 'ended';
    return this.room.isMember(this.id) ? 'joined' : 'connected';
  }

  get role(): Role {
    return this.stage === 'joined' ? 'speaker' : 'visitor';
  }

  get direct(): boolean {
    return this.#direct;
  }

  info(): MemberProfile {
    return {
      id: this.id,
      name: this.#name,
      joinedAt: this.#joinedAt,
      presence: this.#events.link ? 'here' : 'reconnecting',
      quality: this.#quality,
    };
  }

  /** What the join says about the person. */
  become(person: { name: string; direct: boolean }): void {
    this.#name = person.name;
    this.#direct = person.direct;
    this.#joinedAt = this.#options.clock.now();
  }

  update(change: { name?: string | undefined; quality?: Quality | undefined }): void {
    const patch: { name?: string; quality?: Quality } = {};
    if (change.name !== undefined) patch.name = this.#name = change.name;
    if (change.quality !== undefined) patch.quality = this.#quality = change.quality;
    if (Object.keys(patch).length > 0) this.room.changed(this.id, patch);
  }

  /** A connection stands, and its client has seen the events up to `seq`. One that it replaces is told and closed. */
  attach(link: Link, seq: number): void {
    const replaced = this.#events.link;
    if (this.#ended) {
      link.close();
      return;
    }
    this.#departure.back();
    this.#events.attach(link, seq);
    if (replaced) endLink(replaced, 'replaced');
    else this.room.changed(this.id, { presence: 'here' });
  }

  /** A connection dropped. `left`: on purpose. `closed`: by the other end. `silent`: it stopped to answer. */
  detach(link: Link, how: 'left' | 'closed' | 'silent'): void {
    if (this.#ended || !this.#events.detach(link)) return;
    if (how === 'left') {
      this.end('left');
      return;
    }
    this.#departure.dropped(how);
    this.room.changed(this.id, { presence: 'reconnecting' });
  }

  /** Takes a request as it came from the wire. `reply` is called once, with the answer. */
  request(raw: unknown, reply: Reply): void {
    const envelope = requestEnvelope.safeParse(raw);
    if (envelope.success) {
      this.#requests.handle(envelope.data, reply);
      return;
    }
    const error = new AmphiError('bad-request', 'a request is {id, method, data}');
    const answer: Answer = { ok: false, error: error.toBody() };
    reply(answer);
    this.#answered('', answer);
  }

  deliver(event: AnyEvent): void {
    if (!this.#ended) this.#events.push(event);
  }

  mediaAlive(alive: boolean): void {
    this.#departure.mediaAlive(alive);
  }

  /** Holds events back until the answer to the current request is out. */
  cork(): void {
    this.#events.cork();
  }

  /** Ends the session as soon as the answer to the current request is out. */
  endAfterAnswer(reason: LeaveReason): void {
    this.#endAfterAnswer = reason;
  }

  /** Ends the session: out of the room, media closed, connection closed. Repeating it changes nothing. */
  end(reason: LeaveReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#departure.back();
    const { link } = this.#events;
    if (link) endLink(link, reason);
    this.room.leave(this.id, reason);
    this.#options.onEnd(reason);
  }

  #answered(method: string, answer: Answer): void {
    this.#options.onAnswer?.(method, answer);
    this.#events.uncork();
    if (this.#endAfterAnswer) this.end(this.#endAfterAnswer);
    else if (!answer.ok && ABUSE.has(answer.error.code) && this.#abuse.take() > 0) this.end('protocol-abuse');
  }

  #snapshotEvent(): AnyEvent | undefined {
    if (this.stage !== 'joined') return undefined;
    const transports = this.room.media.transportsOf(this.id);
    return { name: 'session.snapshot', data: { snapshot: this.room.snapshot(this.id), transports } };
  }
}

function endLink(link: Link, reason: LeaveReason): void {
  link.send({ seq: 0, name: 'session.ended', data: { reason } }, false);
  link.close();
}
