import {
  type Answer,
  AmphiError,
  type ErrorCode,
  type Exceptions,
  type LeaveReason,
  type Permission,
  type PersonRole,
  type Quality,
  type Relay,
  requestEnvelope,
  type Role,
  roleMay,
  type SelfInfo,
  type Snapshot,
} from '@amphi/protocol';
import { noSuchRoom, type Person } from './admission.ts';
import { TokenBucket } from './bucket.ts';
import type { Clock } from './clock.ts';
import { Departure } from './departure.ts';
import type { Dispatcher } from './dispatch.ts';
import { EventStream, type Link } from './event-stream.ts';
import type { AnyEvent, Member, MemberProfile } from './member.ts';
import type { PassClaims } from './passes.ts';
import { type Reply, RequestQueue } from './requests.ts';
import { type Actor, mayDo, rightsOf } from './rights.ts';
import type { Governor } from './governor.ts';
import type { Room } from './room.ts';
import { isPassword } from './secrets.ts';

export type SessionOptions = {
  id: string;
  room: Room;
  /** Who it is. */
  person: Person;
  /** Tries a password as often as guessing is allowed. Rejects with `rate-limited`. */
  guessPassword(isRight: () => Promise<boolean>): Promise<boolean>;
  /** Signs the pass that brings a member back. */
  pass(claims: Pick<PassClaims, 'identity' | 'role' | 'name' | 'exceptions'>): Promise<string>;
  /** STUN and TURN servers with credentials of this session's own. */
  relay(sessionId: string): Relay;
  governor: Governor;
  dispatcher: Dispatcher;
  clock: Clock;
  resumeWindowMs: number;
  requestTimeoutMs?: number;
  /** The session is over; called once. */
  onEnd(reason: LeaveReason): void;
  /** For counting. */
  onAnswer?(method: string, answer: Answer, tookMs: number): void;
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
  readonly identity: string;
  readonly address: string;
  #role: PersonRole;
  #exceptions: Exceptions;
  #isLetIn = false;
  #hadMicrophone = false;
  #pass = '';
  #name = '';
  #direct = false;
  #quality: Quality | undefined;
  #joinedAt = 0;
  #ended = false;
  #afterAnswer: (() => void) | undefined;

  constructor(options: SessionOptions) {
    const { id, room, person, dispatcher, clock, resumeWindowMs } = options;
    this.id = id;
    this.identity = person.identity;
    this.address = person.address;
    this.#role = person.role;
    this.#exceptions = person.exceptions;
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
      answered: (envelope, answer, tookMs) => this.#answered(envelope.method, answer, tookMs),
    });
    // Until the first connection stands, it is as good as dropped.
    this.#departure.dropped('silent');
  }

  get stage(): 'connected' | 'joined' | 'ended' {
    if (this.#ended) return 'ended';
    return this.room.isMember(this.id) ? 'joined' : 'connected';
  }

  /** The role in the room, once in it; before that, how far the person has come. */
  get role(): Role {
    if (this.stage === 'joined') return this.#role;
    if (this.admission === 'open') return 'visitor';
    return this.room.lobby.has(this.id) ? 'waiting' : 'stranger';
  }

  /** What the person is called, where a token says so. */
  get nameByToken(): string | undefined {
    return this.#options.person.name;
  }

  /** The role that the person has in the room, or would have. */
  get roleInRoom(): PersonRole {
    return this.#role;
  }

  get exceptions(): Exceptions {
    return this.#exceptions;
  }

  get audience(): boolean {
    return this.#options.person.audience === true;
  }

  /** Whether there is something for it to receive in the room. */
  get receives(): boolean {
    return mayDo('subscribe', this.#role, this.#exceptions, this.room.policy);
  }

  /** What stands between this person and the room. */
  get admission() {
    const { person } = this.#options;
    return this.#isLetIn ? 'open' : this.room.admissionOf({ ...person, role: this.#role });
  }

  /** This person as one who does something to others. */
  get actor(): Actor {
    return { identity: this.identity, name: this.#name, role: this.#role };
  }

  may(permission: Permission): boolean {
    if (this.stage !== 'joined') return roleMay(this.role, permission);
    return mayDo(permission, this.#role, this.#exceptions, this.room.policy);
  }

  assign(change: { role?: PersonRole; exceptions?: Exceptions }): void {
    this.#role = change.role ?? this.#role;
    this.#exceptions = change.exceptions ?? this.#exceptions;
  }

  rightsChanged(): void {
    this.self().then(
      (self) => this.deliver({ name: 'self.changed', data: { self } }),
      () => this.end('lost'),
    );
  }

  resync(): void {
    this.self().then(
      () => {
        const event = this.#snapshotEvent();
        if (event) this.deliver(event);
      },
      () => this.end('lost'),
    );
  }

  /** What the member is told of itself, with a new pass. */
  async self(): Promise<SelfInfo> {
    const { identity } = this;
    const { name } = this.#options.person;
    this.#pass = await this.#options.pass({ identity, role: this.#role, name, exceptions: this.#exceptions });
    return this.#selfInfo();
  }

  /** All that the member needs to show the room; with the pass that it had last. */
  snapshot(): Snapshot {
    return this.withSelf(this.room.snapshot(this.id));
  }

  /** A snapshot of the room, with what the member is told of itself. */
  withSelf(snapshot: Omit<Snapshot, 'self'>): Snapshot {
    return { ...snapshot, self: this.#selfInfo() };
  }

  /** What may be done to the room's records. */
  get governor(): Governor {
    return this.#options.governor;
  }

  relay(): Relay {
    return this.#options.relay(this.id);
  }

  /** A host opens the door. */
  letIn(): void {
    this.#isLetIn = true;
  }

  /** Rejects with `lobby`, `password`, `rate-limited` or `room-not-found` when the room does not let this person in. */
  async passDoor(password: string | undefined): Promise<void> {
    const { admission } = this;
    if (admission === 'open') return;
    if (admission === 'closed') throw noSuchRoom();
    if (admission === 'lobby') throw new AmphiError('lobby', 'a host has to let you in: knock first');
    const kept = this.room.passwordHash;
    // A missing one is no guess.
    const opens =
      kept === null ||
      (password !== undefined && (await this.#options.guessPassword(() => isPassword(password, kept))));
    if (!opens) throw new AmphiError('password', 'the password is missing or wrong');
    this.letIn();
  }

  /** Whether the room wants this microphone to begin muted: the first of everybody who does not moderate. */
  beginsMuted(): boolean {
    const first = !this.#hadMicrophone;
    this.#hadMicrophone = true;
    return first && this.room.policy.muteOnEntry && !this.may('moderate');
  }

  get direct(): boolean {
    return this.#direct;
  }

  info(): MemberProfile {
    return {
      id: this.id,
      name: this.#name,
      role: this.#role,
      joinedAt: this.#joinedAt,
      presence: this.#events.link ? 'here' : 'reconnecting',
      quality: this.#quality,
      ...(hasExceptions(this.#exceptions) ? { exceptions: this.#exceptions } : {}),
    };
  }

  /** What the join says about the person. */
  become(person: { name: string; direct: boolean }): void {
    this.#name = this.#options.person.name ?? person.name;
    this.#direct = person.direct;
    this.#joinedAt = this.#options.clock.now();
  }

  /** @throws AmphiError `forbidden` for another name than the token's. */
  update(change: { name?: string | undefined; quality?: Quality | undefined }): void {
    const { name } = this.#options.person;
    if (name !== undefined && change.name !== undefined && change.name !== name) {
      throw new AmphiError('forbidden', 'the token says what this person is called', { path: 'name' });
    }
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
    this.#answered('', answer, 0);
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
    this.afterAnswer(() => this.end(reason));
  }

  /** Runs something as soon as the answer to the current request is out. */
  afterAnswer(run: () => void): void {
    this.#afterAnswer = run;
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

  #answered(method: string, answer: Answer, tookMs: number): void {
    this.#options.onAnswer?.(method, answer, tookMs);
    this.#events.uncork();
    const run = this.#afterAnswer;
    this.#afterAnswer = undefined;
    if (run) run();
    else if (!answer.ok && ABUSE.has(answer.error.code) && this.#abuse.take() > 0) this.end('protocol-abuse');
  }

  #selfInfo(): SelfInfo {
    const permissions = rightsOf(this.#role, this.#exceptions, this.room.policy);
    return { role: this.#role, permissions, exceptions: this.#exceptions, pass: this.#pass };
  }

  #snapshotEvent(): AnyEvent | undefined {
    if (this.stage !== 'joined') return undefined;
    const transports = this.room.media.transportsOf(this.id);
    return { name: 'session.snapshot', data: { snapshot: this.snapshot(), transports } };
  }
}

function hasExceptions({ grant, deny }: Exceptions): boolean {
  return grant.length + deny.length > 0;
}

function endLink(link: Link, reason: LeaveReason): void {
  link.send({ seq: 0, name: 'session.ended', data: { reason } }, false);
  link.close();
}
