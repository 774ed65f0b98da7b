import { AmphiError } from '@amphi/protocol';
import type { FeatureRoom, Member } from '@amphi/rooms';
import type { Hand, liveEvents } from '../protocol.ts';

/** More hands than these nobody goes through. */
const MAX_HANDS = 200;

/** Who of the audience wants on stage, was asked, or is there. Those who may go live are told of each change. */
export class Hands {
  readonly #room: FeatureRoom<typeof liveEvents>;
  readonly #byMember = new Map<string, Hand>();

  constructor(room: FeatureRoom<typeof liveEvents>) {
    this.#room = room;
  }

  all(): Hand[] {
    return [...this.#byMember.values()];
  }

  stateOf(memberId: string): Hand['state'] | null {
    return this.#byMember.get(memberId)?.state ?? null;
  }

  /** @throws AmphiError `wrong-state` where there are too many. */
  set(member: Member, state: Hand['state']): void {
    const before = this.#byMember.get(member.id);
    if (before === undefined && this.#byMember.size >= MAX_HANDS) {
      throw new AmphiError('wrong-state', 'too many hands are raised already');
    }
    const since = before?.since ?? this.#room.now();
    this.#byMember.set(member.id, { memberId: member.id, name: member.info().name, state, since });
    this.#tell();
  }

  /** Repeating it changes nothing. */
  lower(memberId: string): void {
    if (this.#byMember.delete(memberId)) this.#tell();
  }

  #tell(): void {
    const data = { hands: this.all() };
    for (const member of this.#room.members()) if (member.may('live')) member.deliver({ name: 'live.hands', data });
  }
}
