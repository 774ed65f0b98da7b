import {
  type Admission,
  AmphiError,
  type DirectSignal,
  type LeaveReason,
  type MemberInfo,
  PUBLISH_PERMISSION,
  type RoomPolicy,
  type RtpCapabilities,
  type Snapshot,
  type TransportPair,
} from '@amphi/protocol';
import { admissionOf, type Person } from './admission.ts';
import { type Clock, systemClock } from './clock.ts';
import { type FeatureValues, keptFor } from './feature-values.ts';
import type { OpenFeature, ServerFeature } from './feature.ts';
import type { Governor } from './governor.ts';
import { Lobby } from './lobby.ts';
import type { Logger } from './logger.ts';
import type { MediaPlane, RoomMedia } from './media.ts';
import { type AnyEvent, type CoreEvent, isSeen, type Member, type MemberProfile, takesPlace } from './member.ts';
import { Moderation, NO_BOOK, type RoomBook } from './moderation.ts';
import type { RoomObserver } from './observer.ts';
import { DirectReferee, type DirectReport } from './referee.ts';
import { rightsKey } from './rights.ts';
import { mediaEvents } from './room-events.ts';
import { Roster } from './roster.ts';
import { Seats, type SeatsOptions } from './seats.ts';
import { Tracks } from './tracks.ts';

export type RoomOptions = {
  id: string;
  policy: RoomPolicy;
  /** What is kept of the room's password, if it has one. */
  passwordHash?: string | null;
  audience?: SeatsOptions | undefined;
  /** What may be done to the room's records, and what features keep of it; by default nothing outlives the room. */
  governor?: Governor | undefined;
  values?: FeatureValues | undefined;
  plane: MediaPlane;
  features: readonly ServerFeature[];
  /** Where moderation is written down; nowhere by default. */
  book?: RoomBook;
  observer?: RoomObserver | undefined;
  logger: Logger;
  clock?: Clock;
};

/** Opens a room. Rejects with `media-unavailable` when no worker can carry it. */
export async function createRoom(options: RoomOptions): Promise<Room> {
  // The plane's events need the room, and the room the plane's half of it; nothing happens before there is a member.
  const opened: { room?: Room } = {};
  const media = await options.plane.createRoom(
    options.id,
    mediaEvents(() => opened.room),
  );
  opened.room = new Room(options, media);
  return opened.room;
}

/**
 * A room while people are in it: its members, their tracks ({@link Tracks}), and who judges direct connections
 * ({@link DirectReferee}). It does not grow with features: those are opened beside it and see it through a small
 * interface.
 */
export class Room {
  readonly id: string;
  readonly media: RoomMedia;
  readonly tracks: Tracks;
  readonly lobby: Lobby;
  readonly moderation: Moderation;
  readonly book: RoomBook;
  readonly #roster: Roster;
  readonly #observer: RoomObserver | undefined;
  readonly #clock: Clock;
  readonly #referee: DirectReferee;
  readonly #features = new Map<string, OpenFeature>();
  /** In order of joining. */
  readonly #members = new Map<string, Member>();
  /** Connected, not joined. */
  readonly #visitors = new Map<string, Member>();
  readonly #joining = new Set<string>();
  #policy: RoomPolicy;
  #passwordHash: string | null;
  readonly #seats: Seats;
  #closed = false;

  constructor(options: RoomOptions, media: RoomMedia) {
    this.id = options.id;
    this.media = media;
    this.book = options.book ?? NO_BOOK;
    this.#policy = options.policy;
    this.#passwordHash = options.passwordHash ?? null;
    this.#observer = options.observer;
    this.#clock = options.clock ?? systemClock;
    this.tracks = new Tracks({
      media,
      clock: this.#clock,
      logger: options.logger,
      members: () => this.#members.values(),
      member: (id) => this.#members.get(id),
      person: (id) => this.person(id),
      crowded: () => this.#policy.audience !== 'off',
      tellAbout: (memberId, event) => this.#tellAbout(memberId, event),
    });
    this.#roster = new Roster(this.#members);
    this.#seats = new Seats(this.#members, options.audience ?? {});
    this.lobby = new Lobby({
      clock: this.#clock,
      tellHosts: (event) => this.#tellThose((member) => member.may('admit'), event),
      hosts: () =>
        [...this.#members.values()].filter((member) => member.may('admit')).map((member) => member.info().name),
    });
    this.moderation = new Moderation({
      tracks: this.tracks,
      book: this.book,
      members: () => this.#members.values(),
      member: (id) => this.#members.get(id),
      visitors: () => this.#visitors.values(),
      rightsChanged: (member) => {
        this.#rightsChanged(member);
        const patch = { role: member.info().role, exceptions: member.exceptions };
        this.#roster.changed(member, patch, (shown) => this.#infoOf(shown));
      },
    });
    this.#referee = new DirectReferee({
      clock: this.#clock,
      policy: mayGoDirect(options.policy),
      send: (memberId, event) => this.#members.get(memberId)?.deliver(event),
    });
    for (const feature of options.features) {
      const opened = feature.open({
        id: this.id,
        now: () => this.#clock.now(),
        after: (ms, run) => this.#clock.after(ms, run),
        policy: () => this.#policy,
        governor: options.governor,
        kept: keptFor(options.values, this.id, feature.name),
        members: () => this.#members.values(),
        member: (id) => this.#members.get(id),
        stage: (actor, memberId, role) => this.moderation.stage(actor, memberId, role),
        note: (actor, action, details) => this.book.note(actor, action, undefined, details),
        broadcast: (event, exceptId) => this.broadcast(event, exceptId),
      });
      this.#features.set(feature.name, opened);
    }
  }

  get policy(): RoomPolicy {
    return this.#policy;
  }

  /** Without those whom nobody sees. */
  get size(): number {
    return [...this.#members.values()].filter(isSeen).length;
  }

  /** Whether nobody more is let in: into the audience, or else into the call. */
  isFullFor(audience: boolean): boolean {
    if (audience) return this.#seats.isFull;
    const people = [...this.#members.values()].filter(takesPlace).length;
    return people - this.#seats.taken + this.#joining.size >= this.#policy.capacity;
  }

  /** What is kept of the room's password. */
  get passwordHash(): string | null {
    return this.#passwordHash;
  }

  /** What stands between a person and this room now; `closed`: nothing opens it. */
  admissionOf(person: Person): Admission | 'closed' {
    return admissionOf({ policy: this.#policy, passwordHash: this.#passwordHash }, person);
  }

  /** In order of joining; with those whom nobody sees. */
  members(): Member[] {
    return [...this.#members.values()];
  }

  get closed(): boolean {
    return this.#closed;
  }

  isMember(id: string): boolean {
    return this.#members.has(id);
  }

  /** A member or a visitor. */
  person(id: string): Member | undefined {
    return this.#members.get(id) ?? this.#visitors.get(id);
  }

  /** All who are there under an identity, members and visitors. */
  peopleOf(identity: string): Member[] {
    return [...this.#members.values(), ...this.#visitors.values()].filter((person) => person.identity === identity);
  }

  feature(name: string): OpenFeature | undefined {
    return this.#features.get(name);
  }

  /** Somebody is connected and may join. */
  enter(visitor: Member): void {
    this.#visitors.set(visitor.id, visitor);
  }

  /** Makes a visitor a member. Rejects with `room-full`, or with what the media plane rejects with. */
  async join(
    member: Member,
    capabilities: RtpCapabilities,
    { receives = true, media = true }: { receives?: boolean; media?: boolean } = {},
  ): Promise<{ snapshot: Omit<Snapshot, 'self'>; transports: TransportPair | undefined }> {
    if (!this.#visitors.has(member.id)) throw new AmphiError('wrong-state', 'this session cannot join');
    if (takesPlace(member) && this.isFullFor(member.audience === true))
      throw new AmphiError('room-full', 'the room has as many people as it may have');
    if (member.audience !== true && takesPlace(member)) this.#joining.add(member.id);
    // A program that publishes is connected by whoever made it, and in the way in which it sends.
    const served = member.audience === true ? this.#seats.take(member.id, media) : media || member.role !== 'publisher';
    let transports: TransportPair | undefined;
    try {
      transports = await this.tracks.admit(member.id, capabilities, { receives, media: served });
    } finally {
      this.#joining.delete(member.id);
      this.#seats.came(member.id);
    }
    if (!this.#visitors.delete(member.id)) {
      this.tracks.remove(member.id);
      throw new AmphiError('session-ended', 'the session ended during the join');
    }
    this.#members.set(member.id, member);
    this.#roster.joined(member);
    // The curtain may have moved meanwhile.
    if (receives) this.#adjustReceiving(member);
    this.#tellAbout(member.id, { name: 'member.joined', data: { member: this.#infoOf(member) } });
    if (isSeen(member)) this.#observer?.joined?.(this.id, { ...member.info(), identity: member.identity });
    if (member.may('admit')) this.lobby.hostsChanged();
    for (const feature of this.#features.values()) feature.memberJoined?.(member);
    const snapshot = this.snapshot(member.id);
    this.tracks.catchUp(member.id);
    this.#judgeDirect();
    return { snapshot, transports };
  }

  /** Somebody is gone. Repeating it changes nothing. */
  leave(id: string, reason: LeaveReason): void {
    this.#visitors.delete(id);
    // Where everybody goes nobody is told of each.
    if (!this.#closed) this.lobby.gone(id);
    const member = this.#members.get(id);
    if (member && !this.#closed) this.#tellAbout(id, { name: 'member.left', data: { memberId: id, reason } });
    this.#members.delete(id);
    this.#roster.left(id);
    this.#seats.left(id);
    this.tracks.remove(id);
    if (!member) return;
    if (isSeen(member)) this.#observer?.left?.(this.id, { ...member.info(), identity: member.identity }, reason);
    if (member.may('admit') && !this.#closed) this.lobby.hostsChanged();
    for (const feature of this.#features.values()) feature.memberLeft?.(member);
    this.#judgeDirect();
  }

  /** Who looks on is given tracks from now on, or no media at all. @throws AmphiError as `Seats.choose` does. */
  setServed(member: Member, served: boolean): void {
    this.#seats.choose(member, served);
    this.#adjustReceiving(member);
    if (!served) this.tracks.withhold(member.id);
  }

  /** A member's profile changed in this. Its own presence is no news to it. */
  changed(id: string, patch: Partial<Pick<MemberProfile, 'name' | 'presence' | 'quality'>>): void {
    const member = this.#members.get(id);
    if (!member) return;
    const event: CoreEvent = { name: 'member.updated', data: { memberId: id, patch } };
    this.#tellAbout(id, event);
    if (!patch.presence) member.deliver(event);
    if (patch.presence) this.#judgeDirect();
  }

  setPolicy(policy: RoomPolicy, passwordHash: string | null = this.#passwordHash): void {
    const rightsBefore = new Map([...this.#members.values()].map((member) => [member.id, rightsKey(member)]));
    this.#policy = policy;
    this.#passwordHash = passwordHash;
    const event: CoreEvent = { name: 'room.updated', data: { policy } };
    this.broadcast(event);
    for (const visitor of this.#visitors.values()) visitor.deliver(event);
    this.#referee.setPolicy(mayGoDirect(policy));
    if (!policy.lobby && !policy.locked) this.lobby.admitAll();
    for (const member of this.#members.values()) {
      if (rightsBefore.get(member.id) !== rightsKey(member)) this.#rightsChanged(member);
    }
    for (const feature of this.#features.values()) feature.policyChanged?.();
  }

  /** All that a member needs to show the room, but for what it is itself. */
  snapshot(selfId: string): Omit<Snapshot, 'self'> {
    const self = this.#members.get(selfId);
    const seen = self ? this.#roster.seenBy(self) : [];
    return {
      selfId,
      room: { id: this.id, policy: this.#policy },
      members: seen.map((member) => this.#infoOf(member)),
      consumers: this.tracks.announce(selfId),
      direct: this.#referee.infoFor(selfId),
      ...(self?.may('admit') ? { waiting: this.lobby.people } : {}),
    };
  }

  broadcast(event: AnyEvent, exceptId?: string): void {
    for (const member of this.#members.values()) {
      if (member.id !== exceptId) member.deliver(event);
    }
  }

  /** Passes a direct connection's signal to the other one of the pair; one of a past attempt is dropped. */
  signal(fromId: string, epoch: number, signal: DirectSignal): void {
    const peerId = this.#referee.peerOf(fromId, epoch);
    if (peerId === undefined) return;
    this.#members.get(peerId)?.deliver({ name: 'direct.signal', data: { epoch, signal } });
  }

  report(memberId: string, epoch: number, report: DirectReport): void {
    this.#referee.report(memberId, epoch, report);
  }

  /** Media has to pass the server from now on, whoever asks for it (a recording); the answer takes that back. */
  requireSfu(): () => void {
    return this.#referee.requireSfu();
  }

  /** Ends the room for everybody in it. Repeating it changes nothing. */
  close(reason: LeaveReason = 'room-closed'): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#referee.close();
    for (const person of [...this.#members.values(), ...this.#visitors.values()]) person.end(reason);
    for (const feature of this.#features.values()) feature.close?.();
    this.media.close();
  }

  /** Tells those who see a member what became of it; not the member itself. */
  #tellAbout(memberId: string, event: AnyEvent): void {
    const subject = this.#members.get(memberId);
    if (!subject) return;
    for (const observer of this.#roster.observersOf(subject)) observer.deliver(event);
  }

  #tellThose(which: (member: Member) => boolean, event: CoreEvent): void {
    for (const member of this.#members.values()) if (which(member)) member.deliver(event);
  }

  /** Ends what is no longer allowed, and tells those whom it concerns. */
  #rightsChanged(member: Member): void {
    for (const { id, source } of this.tracks.of(member.id)) {
      if (member.may(PUBLISH_PERMISSION[source])) continue;
      member.deliver({ name: 'producer.removed', data: { memberId: member.id, producerId: id } });
      this.tracks.close(member.id, id);
    }
    member.rightsChanged();
    this.#adjustReceiving(member);
    if (member.may('admit')) member.deliver({ name: 'lobby.waiting', data: { people: this.lobby.people } });
    this.lobby.hostsChanged();
    this.#judgeDirect();
  }

  /** Gives what may now be received, or takes it away; a member to whom that happens is told of the whole room anew. */
  #adjustReceiving(member: Member): void {
    const may = member.may('subscribe') && this.#seats.isServed(member);
    if (member.role === 'publisher' || this.tracks.receives(member.id) === may) return;
    this.tracks.setReceives(member.id, may).then(
      () => {
        if (this.isMember(member.id)) member.resync?.();
      },
      (error: unknown) => {
        // Taken back meanwhile; what else goes wrong a new session puts right.
        if (!(error instanceof AmphiError && error.code === 'wrong-state')) member.end('lost');
      },
    );
  }

  #infoOf(member: Member): MemberInfo {
    return { ...member.info(), producers: this.tracks.of(member.id) };
  }

  #judgeDirect(): void {
    const contenders = [...this.#members.values()].map((member) => ({
      id: member.id,
      // What the server does not carry it cannot stop: only who may send everything is connected directly.
      direct: member.direct && Object.values(PUBLISH_PERMISSION).every((right) => member.may(right)),
      here: member.info().presence === 'here',
    }));
    this.#referee.setMembers(contenders);
  }
}

/** An audience can only be served by the server. */
function mayGoDirect(policy: RoomPolicy): boolean {
  return policy.direct && policy.audience === 'off';
}
