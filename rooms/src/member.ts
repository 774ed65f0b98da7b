import type {
  CoreEvents,
  DataOf,
  EventMap,
  Exceptions,
  LeaveReason,
  MemberInfo,
  Permission,
  PersonRole,
  Role,
} from '@amphi/protocol';

/** An event of a map of declared events: its name with the data that belongs to it. */
export type EventOf<E extends EventMap> = {
  [K in keyof E & string]: { name: K; data: DataOf<E, K> };
}[keyof E & string];

/** An event that every room has. */
export type CoreEvent = EventOf<CoreEvents>;

/** An event of whatever feature. */
export type AnyEvent = { name: string; data: unknown };

/** What the others see of a member, its tracks apart: those the room keeps. */
export type MemberProfile = Omit<MemberInfo, 'producers'>;

/**
 * Whoever takes part in a room: a person's session, and in the same way a recorder or a WHIP publisher. What holds for
 * members (capacity, lists, rights) holds for all of them.
 */
export interface Member {
  readonly id: string;
  /** Who it is over all of its stays: `user:…`, `guest:…`, `server`. */
  readonly identity: string;
  /** A keyed hash of the network address; null for members that come from nowhere. */
  readonly address: string | null;
  readonly role: Role;
  readonly exceptions: Exceptions;
  /** Whether it can be connected to one other member directly. */
  readonly direct: boolean;
  /** Came by the watch link. As long as it is a viewer it is counted, and in nobody's list. */
  readonly audience?: boolean;
  /** The server's own, through which the room is seen elsewhere: in nobody's list, and takes nobody's place. */
  readonly unseen?: boolean;
  info(): MemberProfile;
  /** Whether it has a right now: by role, exceptions and the room's policy. */
  may(permission: Permission): boolean;
  /** Gives it another role or other rights. */
  assign(change: { role?: PersonRole; exceptions?: Exceptions }): void;
  /** The member's own rights are others now; it tells itself. */
  rightsChanged(): void;
  /** What the member may see is other than before: it is to be told of the whole room anew. */
  resync?(): void;
  /** Hands an event over; never throws. One event object may be delivered to many, so it is not to be changed. */
  deliver(event: AnyEvent): void;
  /** The room, or the server, is done with this member. */
  end(reason: LeaveReason): void;
  /** ICE consent of the member's transports came or went. */
  mediaAlive(alive: boolean): void;
}

/** Whether others are told of the member, and it takes somebody's place. */
export function isSeen(member: Member): boolean {
  return member.unseen !== true;
}

/** Whether the room's capacity counts a member: neither what nobody sees, nor what records for the server. */
export function takesPlace(member: Member): boolean {
  return isSeen(member) && member.role !== 'recorder';
}
