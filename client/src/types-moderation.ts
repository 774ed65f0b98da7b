import type { AuditEntry, Ban, Exceptions, PersonRole, PolicyPatch, RoomPolicy, Source } from '@amphi/protocol';

export type { AuditEntry, Ban, Exceptions, PolicyPatch };

/**
 * What those do who let people in, moderate and host. The server checks every call: `call.may()` says which of them will
 * be refused with `forbidden`, as they are towards members who do not rank below this person.
 */
export interface Moderation {
  /** Lets people in who wait in the lobby (`call.waiting`). Needs `admit`, as the next two. */
  admit(ids: Iterable<string>): Promise<void>;
  /** Sends somebody away who waits; the same person can knock again. */
  deny(id: string): Promise<void>;
  /** Writes to one who waits, or to all of them. */
  writeToLobby(text: string, id?: string): Promise<void>;
  /** Mutes microphone or camera, or ends a shared screen; the microphone by default. Needs `moderate`, as all up to `unban`. */
  mute(memberId: string, sources?: readonly Source[]): Promise<void>;
  /** The same for everybody of a lower role. */
  muteAll(sources?: readonly Source[]): Promise<void>;
  /** Asks to switch on; the person decides. */
  ask(memberId: string, source: 'microphone' | 'camera'): Promise<void>;
  /** Puts somebody out; with `ban`, for good. */
  remove(memberId: string, options?: { ban?: boolean }): Promise<void>;
  /** Who is banned, the latest first. */
  bans(): Promise<Ban[]>;
  unban(id: string): Promise<void>;
  /** Needs `roles`, as the next one. What the role does not allow ends at once. */
  setRole(memberId: string, role: PersonRole): Promise<void>;
  /** Replaces what a member may, or may not, beside what the role says. */
  setExceptions(memberId: string, exceptions: Exceptions): Promise<void>;
  /** Changes what the patch names of the room's policy, and answers the whole. Needs `policy`. */
  setPolicy(patch: PolicyPatch): Promise<RoomPolicy>;
  /** Ends the call for everybody. Needs `end`. */
  endForAll(): Promise<void>;
  /** Who did what, the latest first: 50 entries unless `limit` (at most 200) says otherwise. Needs `audit`. */
  audit(options?: { before?: number; limit?: number }): Promise<AuditEntry[]>;
}
