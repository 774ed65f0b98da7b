import { AmphiError, type Ban, type Exceptions, type PersonRole, rankOf, type Source } from '@amphi/protocol';
import type { Member } from './member.ts';
import { type Actor, outranks } from './rights.ts';
import type { Tracks } from './tracks.ts';

/** What a room remembers of its moderation; the directory keeps it in the store. */
export interface RoomBook {
  /** Writes down who did what. */
  note(
    actor: Actor,
    action: string,
    target?: { identity: string; name: string },
    details?: Record<string, unknown>,
  ): void;
  /** Makes a role and rights last over this stay. */
  grant(identity: string, role: PersonRole, exceptions: Exceptions): void;
  /** All that the person was given is void: tokens, passes, role and rights. */
  revoke(identity: string): void;
  ban(person: { identity: string; name: string; address: string | null }, by: string): Ban;
}

export type ModerationOptions = {
  tracks: Tracks;
  book: RoomBook;
  members(): Iterable<Member>;
  member(id: string): Member | undefined;
  /** Connected, not joined. */
  visitors(): Iterable<Member>;
  /** The member's role or rights are others now. */
  rightsChanged(member: Member): void;
};

/** Writes nothing down. */
export const NO_BOOK: RoomBook = {
  note() {},
  grant() {},
  revoke() {},
  ban: ({ name }, by) => ({ id: '', name, by, at: 0 }),
};

/** What moderators do to members. The rights to do so were checked; whom it may be done to is checked here. */
export class Moderation {
  readonly #options: ModerationOptions;

  constructor(options: ModerationOptions) {
    this.#options = options;
  }

  /** Mutes, stops the video, ends the screen share of one, or of all below the actor. */
  async mute(actor: Actor, sources: readonly Source[], memberId?: string): Promise<void> {
    const targets =
      memberId === undefined
        ? [...this.#options.members()].filter((member) => outranks(actor, member.role))
        : [this.#subordinate(actor, memberId)];
    for (const target of targets) {
      const muted = await this.#options.tracks.silence(target.id, sources);
      if (muted.length > 0) target.deliver({ name: 'self.muted', data: { sources: muted, by: actor.name } });
      this.#note(actor, 'moderate.mute', target, { sources: [...sources] });
    }
  }

  ask(actor: Actor, memberId: string, source: 'microphone' | 'camera'): void {
    const target = this.#subordinate(actor, memberId);
    target.deliver({ name: 'self.asked', data: { source, by: actor.name } });
    this.#note(actor, 'moderate.ask', target, { source });
  }

  remove(actor: Actor, memberId: string, ban: boolean): void {
    const target = this.#subordinate(actor, memberId);
    const { identity } = target;
    this.#options.book.revoke(identity);
    // A network that somebody else in the room shares, the host's own above all, is not banned with the person.
    const others = [...this.#options.members()].filter((member) => member.identity !== identity);
    const isShared = others.some(({ address }) => address === target.address);
    const address = ban && !isShared ? target.address : null;
    if (ban) this.#options.book.ban({ identity, name: target.info().name, address }, actor.name);
    this.#note(actor, 'moderate.remove', target, { ban });
    // The same person in another tab goes as well, above all one who has only to click to be in again.
    const isSame = (one: Member) =>
      one.identity === identity || (address !== null && one.address === address && one.identity.startsWith('guest:'));
    const there = [...this.#options.members(), ...this.#options.visitors()];
    for (const one of there.filter((each) => isSame(each) && outranks(actor, each.role))) {
      one.end(ban ? 'banned' : 'removed');
    }
  }

  setRole(actor: Actor, memberId: string, role: PersonRole): void {
    const target = this.#subordinate(actor, memberId);
    if (rankOf(role) > rankOf(actor.role)) throw new AmphiError('forbidden', 'nobody gives a role above the own one');
    const before = target.role;
    if (role === before) return;
    if (before === 'publisher') throw new AmphiError('wrong-state', 'what publishes from elsewhere has no other role');
    this.#options.book.grant(target.identity, role, target.exceptions);
    target.assign({ role });
    this.#note(actor, 'member.setRole', target, { role, before });
    this.#options.rightsChanged(target);
  }

  /** Brings somebody of the audience on stage, or back to the seat; for this stay only. */
  stage(actor: Actor, memberId: string, role: 'speaker' | 'viewer'): void {
    const target = this.#options.member(memberId);
    if (target?.audience !== true) {
      throw new AmphiError('not-found', 'no such member of the audience', { path: 'memberId' });
    }
    const before = target.role;
    if (role === before) return;
    target.assign({ role });
    this.#note(actor, 'live.stage', target, { role });
    this.#options.rightsChanged(target);
  }

  setExceptions(actor: Actor, memberId: string, exceptions: Exceptions): void {
    const target = this.#subordinate(actor, memberId);
    // A publisher's rights last as long as its stay.
    if (target.role !== 'publisher') this.#options.book.grant(target.identity, target.role as PersonRole, exceptions);
    target.assign({ exceptions });
    this.#note(actor, 'member.setExceptions', target, { ...exceptions });
    this.#options.rightsChanged(target);
  }

  #subordinate(actor: Actor, memberId: string): Member {
    const target = this.#options.member(memberId);
    if (!target) throw new AmphiError('not-found', 'no such member', { path: 'memberId' });
    // The server's own members end with what they are for; what publishes from elsewhere is a guest like others.
    if (rankOf(target.role) < 0 && target.role !== 'publisher')
      throw new AmphiError('wrong-state', 'this member is the server itself');
    if (!outranks(actor, target.role)) throw new AmphiError('forbidden', 'this member does not rank below you');
    return target;
  }

  #note(actor: Actor, action: string, target: Member, details: Record<string, unknown>): void {
    this.#options.book.note(actor, action, { identity: target.identity, name: target.info().name }, details);
  }
}
