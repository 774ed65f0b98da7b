import type { MemberInfo, Permission, SelfInfo, Snapshot, Source, Waiting } from '@amphi/protocol';
import type { Welcome } from '../signaling/signaling.ts';
import type { AccessEvents, LobbyState, Standing } from '../types.ts';

export type AccessHooks = {
  emit<K extends keyof AccessEvents>(name: K, ...args: AccessEvents[K]): void;
};

/** What this person is and may do in the room, and who waits to be let in. */
export class Access {
  /** What stands between this person and the room; null before the server said it. */
  standing: Standing | null = null;
  self: SelfInfo | null = null;
  waiting: readonly Waiting[] = [];
  lobby: LobbyState = { state: 'outside', hosts: [] };
  #hooks: AccessHooks;

  constructor(hooks: AccessHooks) {
    this.#hooks = hooks;
  }

  get role(): MemberInfo['role'] | null {
    return this.self?.role ?? this.standing?.role ?? null;
  }

  may(permission: Permission): boolean {
    return this.self?.permissions.includes(permission) === true;
  }

  welcome({ admission, role, name, resumed }: Welcome): void {
    this.standing = { admission, role, name };
    // A new session waits no more: the server forgot the knock with the old one.
    if (!resumed) this.#setLobby({ state: 'outside', hosts: [] });
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

  /** Knocked, and waits. */
  knocked(hosts: string[]): void {
    this.#setLobby({ state: 'waiting', hosts });
  }

  setHosts(hosts: string[]): void {
    if (this.lobby.state === 'waiting') this.#setLobby({ ...this.lobby, hosts });
  }

  decided(admitted: boolean): void {
    if (admitted && this.standing) this.standing = { ...this.standing, admission: 'open' };
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

  #setLobby(lobby: LobbyState): void {
    this.lobby = lobby;
    this.#hooks.emit('lobby', lobby);
  }
}
