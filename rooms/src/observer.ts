import type { LeaveReason } from '@amphi/protocol';
import type { MemberProfile } from './member.ts';

/** A member, and who it is over all of its stays. */
export type ObservedMember = MemberProfile & { identity: string };

/** Somebody outside who wants to know what happens to rooms: webhooks, metrics. Calls must not throw. */
export type RoomObserver = {
  opened?(roomId: string): void;
  closed?(roomId: string): void;
  joined?(roomId: string, member: ObservedMember): void;
  left?(roomId: string, member: ObservedMember, reason: LeaveReason): void;
};
