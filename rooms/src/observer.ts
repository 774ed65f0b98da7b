import type { LeaveReason } from '@amphi/protocol';
import type { MemberProfile } from './member.ts';

/** Somebody outside who wants to know what happens to rooms: webhooks, metrics. Calls must not throw. */
export type RoomObserver = {
  opened?(roomId: string): void;
  closed?(roomId: string): void;
  joined?(roomId: string, member: MemberProfile): void;
  left?(roomId: string, member: MemberProfile, reason: LeaveReason): void;
};
