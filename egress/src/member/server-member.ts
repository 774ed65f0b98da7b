import { randomUUID } from 'node:crypto';
import {
  type Exceptions,
  type LeaveReason,
  type MemberInfo,
  NO_EXCEPTIONS,
  type Permission,
  type ProducerInfo,
  type Role,
  roleMay,
} from '@amphi/protocol';
import type { AnyEvent, CoreEvent, Member, MemberProfile, Room } from '@amphi/rooms';

/** What a {@link ServerMember} is told. Calls must not throw. */
export interface RoomWatcher {
  memberJoined?(member: MemberInfo): void;
  memberLeft?(member: MemberInfo): void;
  memberUpdated?(member: MemberInfo): void;
  trackAdded?(member: MemberInfo, track: ProducerInfo): void;
  trackUpdated?(member: MemberInfo, track: ProducerInfo): void;
  trackRemoved?(member: MemberInfo, track: ProducerInfo): void;
  /** Levels in dBov, loudest first. */
  speakers?(dominantId: string | null, levels: readonly { memberId: string; level: number }[]): void;
  /** Every event as it came, for what is not among the above. */
  event?(event: AnyEvent): void;
  /** The member was put out, or the room is over. */
  ended?(reason: LeaveReason): void;
}

export type ServerMemberOptions = {
  room: Room;
  role: Extract<Role, 'recorder' | 'publisher'>;
  name: string;
  /** In nobody's list, and takes nobody's place. */
  unseen?: boolean;
  watcher: RoomWatcher;
  now?: () => number;
};

/**
 * A member that is no browser: it takes part in the room by the same events, and reads media by `room.media.tap`. Hold it to
 * have the room send its media over the server.
 */
export class ServerMember implements Member {
  readonly id = randomUUID();
  readonly identity = 'server';
  readonly address = null;
  readonly exceptions: Exceptions = NO_EXCEPTIONS;
  readonly direct = false;
  readonly role: ServerMemberOptions['role'];
  readonly unseen: boolean;
  readonly #options: ServerMemberOptions;
  readonly #joinedAt: number;
  readonly #members = new Map<string, MemberInfo>();
  #releaseSfu: (() => void) | undefined;
  #ended = false;

  /** Joins. Rejects as {@link Room.join} does. */
  static async join(options: ServerMemberOptions): Promise<ServerMember> {
    const member = new ServerMember(options);
    const { room } = options;
    room.enter(member);
    try {
      // It receives by taps, so it says that it can receive nothing.
      const { snapshot } = await room.join(member, { codecs: [], headerExtensions: [] });
      member.#releaseSfu = room.requireSfu();
      for (const other of snapshot.members) member.#joined(other);
    } catch (error) {
      room.leave(member.id, 'left');
      throw error;
    }
    return member;
  }

  private constructor(options: ServerMemberOptions) {
    this.#options = options;
    this.role = options.role;
    this.unseen = options.unseen ?? false;
    this.#joinedAt = (options.now ?? Date.now)();
  }

  /** Everybody else. */
  get others(): MemberInfo[] {
    return [...this.#members.values()];
  }

  info(): MemberProfile {
    const { name } = this.#options;
    return { id: this.id, name, role: this.role, joinedAt: this.#joinedAt, presence: 'here' };
  }

  may(permission: Permission): boolean {
    return roleMay(this.role, permission);
  }

  /** Its rights are the server's to give. */
  assign(): void {}
  rightsChanged(): void {}
  /** It has no transports of its own whose life would say anything. */
  mediaAlive(): void {}

  deliver(event: AnyEvent): void {
    if (this.#ended) return;
    this.#take(event as CoreEvent);
    this.#options.watcher.event?.(event);
  }

  end(reason: LeaveReason): void {
    this.leave(reason);
  }

  /** Repeating it changes nothing. */
  leave(reason: LeaveReason = 'left'): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#releaseSfu?.();
    this.#options.room.leave(this.id, reason);
    this.#options.watcher.ended?.(reason);
  }

  #take(event: CoreEvent): void {
    const { watcher } = this.#options;
    switch (event.name) {
      case 'member.joined':
        this.#joined(event.data.member);
        break;
      case 'member.updated': {
        const known = this.#members.get(event.data.memberId);
        if (!known) break;
        const member = { ...known, ...event.data.patch };
        this.#members.set(member.id, member);
        watcher.memberUpdated?.(member);
        break;
      }
      case 'member.left':
        this.#left(event.data.memberId);
        break;
      case 'producer.added':
      case 'producer.updated':
        this.#track(event.data.memberId, event.data.producer);
        break;
      case 'producer.removed':
        this.#trackGone(event.data.memberId, event.data.producerId);
        break;
      case 'room.speakers':
        watcher.speakers?.(event.data.dominantId, event.data.levels);
        break;
      default:
    }
  }

  #joined(member: MemberInfo): void {
    if (member.id === this.id || this.#members.has(member.id)) return;
    this.#members.set(member.id, { ...member, producers: [] });
    this.#options.watcher.memberJoined?.(member);
    for (const track of member.producers) this.#track(member.id, track);
  }

  #left(memberId: string): void {
    const member = this.#members.get(memberId);
    if (!member) return;
    for (const { id } of member.producers) this.#trackGone(memberId, id);
    this.#members.delete(memberId);
    this.#options.watcher.memberLeft?.(member);
  }

  #track(memberId: string, track: ProducerInfo): void {
    const member = this.#members.get(memberId);
    if (!member) return;
    const isKnown = member.producers.some(({ id }) => id === track.id);
    const producers = [...member.producers.filter(({ id }) => id !== track.id), track];
    const changed = { ...member, producers };
    this.#members.set(memberId, changed);
    if (isKnown) this.#options.watcher.trackUpdated?.(changed, track);
    else this.#options.watcher.trackAdded?.(changed, track);
  }

  #trackGone(memberId: string, producerId: string): void {
    const member = this.#members.get(memberId);
    const track = member?.producers.find(({ id }) => id === producerId);
    if (!member || !track) return;
    const changed = { ...member, producers: member.producers.filter(({ id }) => id !== producerId) };
    this.#members.set(memberId, changed);
    this.#options.watcher.trackRemoved?.(changed, track);
  }
}
