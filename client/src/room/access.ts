import type {
  Exceptions,
  MemberInfo,
  Permission,
  RoomPolicy,
  SelfInfo,
  Snapshot,
  Source,
  Waiting,
} from '@amphi/protocol';
import { roleMay, SWITCH_OF_PERMISSION } from '@amphi/protocol/permissions';
import type { Request, Welcome } from '../signaling/signaling.ts';
import type { AccessEvents, LobbyState, Standing } from '../types.ts';

export type AccessHooks = {
  request: Request;
  emit<K extends keyof AccessEvents>(name: K, ...args: AccessEvents[K]): void;
};

export const NO_EXCEPTIONS: Exceptions = { grant: [], deny: [] };

/** Whether a member may do this: exceptions come before the room's policy, and that before the role. */
export function mayDo(
  permission: Permission,
  { role, exceptions }: Pick<MemberInfo, 'role'> & { exceptions: Exceptions },
  policy: RoomPolicy | null,
): boolean {
  const exception = permission as Exceptions['grant'][number];
  if (exceptions.deny.includes(exception)) return false;
  if (exceptions.grant.includes(exception)) return true;
  const key = SWITCH_OF_PERMISSION[permission];
  if (key !== undefined && policy?.[key] === false && !roleMay(role, 'moderate')) return false;
  return roleMay(role, permission);
}

const OUTSIDE: LobbyState = { state: 'outside', hosts: [] };

/** What this person is and may do in the room, and who waits to be let in. */
export class Access {
  /** What stands between this person and the room; null before the server said it. */
  standing: Standing | null = null;
  self: SelfInfo | null = null;
  waiting: readonly Waiting[] = [];
  lobby: LobbyState = OUTSIDE;
  #hooks: AccessHooks;
  #policy: RoomPolicy | null = null;
  /** The name that was knocked with. */
  #name = '';

  constructor(hooks: AccessHooks) {
    this.#hooks = hooks;
  }

  get role(): MemberInfo['role'] | null {
    return this.self?.role ?? this.standing?.role ?? null;
  }

  /** In the room, as the server says; before that, as role and policy will have it; before anything is known, as for most. */
  may(permission: Permission): boolean {
    if (this.self) return this.self.permissions.includes(permission);
    return mayDo(permission, { role: this.standing?.role ?? 'speaker', exceptions: NO_EXCEPTIONS }, this.#policy);
  }

  welcome({ admission, role, name, resumed, room }: Welcome): void {
    this.#policy = room.policy;
    this.#setStanding({ admission, role, name });
    if (resumed || this.lobby.state === 'outside') return;
    // The server forgot the knock with the old session.
    const waited = this.lobby.state === 'waiting';
    this.#setLobby(waited && admission === 'open' ? { state: 'admitted', hosts: [] } : OUTSIDE);
    if (waited && admission === 'lobby') this.knock(this.#name).catch(() => undefined);
  }

  /** Before the join: who was kept out by what the room no longer asks for need not be. */
  policyChanged(policy: RoomPolicy): void {
    this.#policy = policy;
    if (this.self || !this.standing) return;
    const { admission } = this.standing;
    const isOver = (admission === 'lobby' && !policy.lobby) || (admission === 'password' && !policy.password);
    if (isOver) {
      this.#setStanding({
        ...this.standing,
        admission: policy.lobby ? 'lobby' : policy.password ? 'password' : 'open',
      });
    }
  }

  /** The room did not let this person in: the server knows better what it asks for. */
  refused(code: string): void {
    if (this.standing && (code === 'lobby' || code === 'password')) {
      this.#setStanding({ ...this.standing, admission: code });
    }
  }

  snapshot({ self, waiting }: Snapshot): void {
    this.setSelf(self);
    this.setWaiting(waiting ?? []);
  }

  setSelf(self: SelfInfo): void {
    this.self = self;
    this.#hooks.emit('self', self);
    if (!this.may('admit') && this.waiting.length > 0) this.setWaiting([]);
  }

  setWaiting(waiting: readonly Waiting[]): void {
    this.waiting = waiting;
    this.#hooks.emit('waiting', waiting);
  }

  /** Asks to be let in. */
  async knock(name: string): Promise<void> {
    this.#name = name;
    // First: the answer of a quick host must not be taken for an older one.
    this.#setLobby({ state: 'waiting', hosts: [] });
    try {
      const { hosts } = await this.#hooks.request('lobby.knock', { name });
      if (this.lobby.state !== 'waiting') return;
      // What stood in the way may be gone by now; then nobody knocked.
      const admission = this.standing?.admission;
      if (admission === 'lobby') this.#setLobby({ state: 'waiting', hosts });
      else this.#setLobby(admission === 'open' ? { state: 'admitted', hosts: [] } : OUTSIDE);
    } catch (error) {
      if (this.lobby.state === 'waiting') this.#setLobby(OUTSIDE);
      throw error;
    }
  }

  setHosts(hosts: string[]): void {
    if (this.lobby.state === 'waiting') this.#setLobby({ ...this.lobby, hosts });
  }

  decided(admitted: boolean): void {
    if (admitted && this.standing) this.#setStanding({ ...this.standing, admission: 'open' });
    this.#setLobby({ state: admitted ? 'admitted' : 'denied', hosts: [] });
  }

  message(name: string, text: string): void {
    this.#hooks.emit('lobbyMessage', { name, text });
  }

  muted(sources: Source[], by: string | undefined): void {
    this.#hooks.emit('muted', { sources, by });
  }

  asked(source: 'microphone' | 'camera', by: string): void {
    this.#hooks.emit('asked', { source, by });
  }

  #setStanding(standing: Standing): void {
    this.standing = standing;
    this.#hooks.emit('standing', standing);
  }

  #setLobby(lobby: LobbyState): void {
    this.lobby = lobby;
    this.#hooks.emit('lobby', lobby);
  }
}
