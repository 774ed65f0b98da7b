import { type MemberInfo, PUBLISH_PERMISSION } from '@amphi/protocol';
import type { Member } from './member.ts';

/**
 * Who sees whom. Viewers are an audience: they see the stage and are seen by those who moderate, so that a room with a
 * thousand of them does not tell everybody of everybody.
 */
export class Roster {
  readonly #members: ReadonlyMap<string, Member>;
  /** Whom everybody sees. */
  readonly #onStage = new Set<string>();
  /** Who sees everybody. */
  readonly #overseers = new Set<string>();
  /** Whom nobody sees: an audience of thousands is in nobody's list, and so are the server's own outlets. */
  readonly #unseen = new Set<string>();

  constructor(members: ReadonlyMap<string, Member>) {
    this.#members = members;
  }

  /** Somebody became a member; comes before everything else about it. */
  joined(member: Member): void {
    this.#place(member);
  }

  left(id: string): void {
    this.#onStage.delete(id);
    this.#overseers.delete(id);
    this.#unseen.delete(id);
  }

  /** Everybody whom this member sees, itself included. */
  seenBy(observer: Member): Member[] {
    return [...this.#members.values()].filter((subject) => this.#sees(observer, subject));
  }

  /** Everybody else who sees this member. */
  observersOf(subject: Member): Member[] {
    return [...this.#members.values()].filter((observer) => observer !== subject && this.#sees(observer, subject));
  }

  /**
   * Role or rights of a member are others now: tells those who see it, and it of those whom it sees. For some it comes or
   * goes with that.
   */
  changed(subject: Member, patch: Partial<MemberInfo>, infoOf: (member: Member) => MemberInfo): void {
    const others = [...this.#members.values()].filter((other) => other !== subject);
    const before = new Map(others.map((other) => [other, this.#bothWays(subject, other)]));
    this.#place(subject);
    for (const [other, { seen: wasSeen, sees: saw }] of before) {
      const { seen, sees } = this.#bothWays(subject, other);
      if (wasSeen && seen) other.deliver({ name: 'member.updated', data: { memberId: subject.id, patch } });
      else tellOf(other, subject, seen, wasSeen, infoOf);
      tellOf(subject, other, sees, saw, infoOf);
    }
    subject.deliver({ name: 'member.updated', data: { memberId: subject.id, patch } });
  }

  #bothWays(subject: Member, other: Member): { seen: boolean; sees: boolean } {
    return { seen: this.#sees(other, subject), sees: this.#sees(subject, other) };
  }

  #sees(observer: Member, subject: Member): boolean {
    if (observer === subject) return true;
    // Before the curtain rises the audience sees nobody.
    if (this.#unseen.has(subject.id) || (observer.role === 'viewer' && !observer.may('subscribe'))) return false;
    return this.#onStage.has(subject.id) || this.#overseers.has(observer.id);
  }

  /** A viewer whom a moderator lets publish is on stage as long as that lasts. */
  #place(member: Member): void {
    const mayPublish = Object.values(PUBLISH_PERMISSION).some((permission) => member.may(permission));
    put(this.#onStage, member.id, member.role !== 'viewer' || mayPublish);
    put(this.#overseers, member.id, member.may('moderate'));
    const isSeated = member.audience === true && member.role === 'viewer';
    put(this.#unseen, member.id, isSeated || member.unseen === true);
  }
}

function put(set: Set<string>, id: string, isIn: boolean): void {
  if (isIn) set.add(id);
  else set.delete(id);
}

/** Tells one of another who came into sight, or went out of it. */
function tellOf(
  observer: Member,
  subject: Member,
  isSeen: boolean,
  wasSeen: boolean,
  infoOf: (member: Member) => MemberInfo,
): void {
  if (isSeen === wasSeen) return;
  if (isSeen) observer.deliver({ name: 'member.joined', data: { member: infoOf(subject) } });
  else observer.deliver({ name: 'member.left', data: { memberId: subject.id, reason: 'left' } });
}
