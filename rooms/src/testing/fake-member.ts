import type { AnyEvent, Member, MemberProfile } from '../member.ts';

/** A member that remembers what it is told. */
export class FakeMember implements Member {
  readonly id: string;
  readonly events: AnyEvent[] = [];
  direct = true;
  presence: MemberProfile['presence'] = 'here';
  ended: string | undefined;

  constructor(id: string) {
    this.id = id;
  }

  info(): MemberProfile {
    return { id: this.id, name: this.id.toUpperCase(), joinedAt: 1, presence: this.presence };
  }

  deliver(event: AnyEvent): void {
    this.events.push(event);
  }

  end(reason: string): void {
    this.ended = reason;
  }

  mediaAlive(): void {}

  /** Names of the events since the last call. */
  told(): string[] {
    return this.events.splice(0).map(({ name }) => name);
  }
}
