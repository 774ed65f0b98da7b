import { type MemberInfo, PUBLISH_PERMISSION, type Role } from '@amphi/protocol';
import type { Member } from './member.ts';

/**
 * Who sees whom. Viewers are an audience: they see the stage and are seen by those who moderate, so that a room with a
 * thousand of them does not tell everybody of everybody.
 */
export class Roster {
  readonly #members: ReadonlyMap<string, Member>;

  constructor(members: ReadonlyMap<string, Member>) {
    this.#members = members;
  }

  /** Everybody whom this member sees, itself included. */
  seenBy(observer: Member): Member[] {
    return [...this.#members.values()].filter((subject) => sees(observer, subject, subject.role));
  }

  /** Everybody else who sees this member. */
  observersOf(subject: Member): Member[] {
    return [...this.#members.values()].filter(
      (observer) => observer !== subject && sees(observer, subject, subject.role),
    );
  }

  /** Tells the others of a member's new role: for some it comes or goes with it. */
  roleChanged(subject: Member, before: Role, infoOf: (member: Member) => MemberInfo): void {
    const info = infoOf(subject);
    for (const observer of this.#members.values()) {
      if (observer === subject) continue;
      const [saw, isSeen] = [sees(observer, subject, before), sees(observer, subject, subject.role)];
      if (saw && isSeen) {
        observer.deliver({ name: 'member.updated', data: { memberId: subject.id, patch: { role: info.role } } });
      } else if (isSeen) {
        observer.deliver({ name: 'member.joined', data: { member: info } });
      } else if (saw) {
        observer.deliver({ name: 'member.left', data: { memberId: subject.id, reason: 'left' } });
      }
    }
    subject.deliver({ name: 'member.updated', data: { memberId: subject.id, patch: { role: info.role } } });
  }
}

function sees(observer: Member, subject: Member, role: Role): boolean {
  return role !== 'viewer' || observer === subject || observer.may('moderate') || isOnStage(subject);
}

/** A viewer whom a moderator lets publish is on stage as long as that lasts. */
function isOnStage(member: Member): boolean {
  return Object.values(PUBLISH_PERMISSION).some((permission) => member.may(permission));
}
