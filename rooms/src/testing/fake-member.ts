import { type Exceptions, NO_EXCEPTIONS, type Permission, type PersonRole, roleMay } from '@amphi/protocol';
import type { AnyEvent, Member, MemberProfile } from '../member.ts';

/** A member that remembers what it is told. */
export class FakeMember implements Member {
  readonly id: string;
  readonly events: AnyEvent[] = [];
  readonly identity: string;
  readonly address: string | null = null;
  role: PersonRole = 'speaker';
  exceptions: Exceptions = NO_EXCEPTIONS;
  direct = true;
  presence: MemberProfile['presence'] = 'here';
  ended: string | undefined;

  constructor(id: string) {
    this.id = id;
    this.identity = `guest:${id}`;
  }

  info(): MemberProfile {
    return { id: this.id, name: this.id.toUpperCase(), role: this.role, joinedAt: 1, presence: this.presence };
  }

  may(permission: Permission): boolean {
    const { grant, deny } = this.exceptions as { grant: Permission[]; deny: Permission[] };
    return !deny.includes(permission) && (grant.includes(permission) || roleMay(this.role, permission));
  }

  assign(change: { role?: PersonRole; exceptions?: Exceptions }): void {
    this.role = change.role ?? this.role;
    this.exceptions = change.exceptions ?? this.exceptions;
  }

  rightsChanged(): void {
    this.events.push({ name: 'self.changed', data: {} });
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
