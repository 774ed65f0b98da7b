import { AmphiError, type Waiting } from '@amphi/protocol';
import type { Clock } from './clock.ts';
import type { CoreEvent } from './member.ts';

/** Somebody who is connected and may ask to be let in. */
export interface Visitor {
  readonly id: string;
  deliver(event: CoreEvent): void;
  /** May join from now on, whatever the room's policy. */
  letIn(): void;
}

export type LobbyOptions = {
  clock: Clock;
  /** Tells those who may let people in. */
  tellHosts(event: CoreEvent): void;
  /** The names of those. */
  hosts(): string[];
};

/** More than these do not wait at once: a lobby is a list that a person reads. */
const MAX_WAITING = 200;

/** Those who wait until a host lets them in. They are told nothing of the room but who hosts it. */
export class Lobby {
  readonly #options: LobbyOptions;
  readonly #waiting = new Map<string, Waiting & { visitor: Visitor }>();

  constructor(options: LobbyOptions) {
    this.#options = options;
  }

  get people(): Waiting[] {
    return [...this.#waiting.values()].map(({ id, name, since }) => ({ id, name, since }));
  }

  has(id: string): boolean {
    return this.#waiting.has(id);
  }

  /** Answers who is there to open. */
  knock(visitor: Visitor, name: string): string[] {
    const known = this.#waiting.get(visitor.id);
    if (!known && this.#waiting.size >= MAX_WAITING) throw new AmphiError('room-full', 'too many people wait already');
    const since = known?.since ?? this.#options.clock.now();
    this.#waiting.set(visitor.id, { id: visitor.id, name, since, visitor });
    this.#tellHosts();
    return this.#options.hosts();
  }

  /** Lets in who of these waits. Answers the names. */
  admit(ids: readonly string[]): Waiting[] {
    return this.#decide(ids, true);
  }

  deny(ids: readonly string[]): Waiting[] {
    return this.#decide(ids, false);
  }

  /** The room has no lobby any more. */
  admitAll(): void {
    this.admit([...this.#waiting.keys()]);
  }

  write(name: string, text: string, id?: string): void {
    const to = id === undefined ? [...this.#waiting.values()] : [this.#waiting.get(id)];
    for (const entry of to) entry?.visitor.deliver({ name: 'lobby.message', data: { name, text } });
  }

  /** Somebody left, or came in. */
  gone(id: string): void {
    if (this.#waiting.delete(id)) this.#tellHosts();
  }

  /** Who can let people in has changed. */
  hostsChanged(): void {
    const event: CoreEvent = { name: 'lobby.hosts', data: { hosts: this.#options.hosts() } };
    for (const { visitor } of this.#waiting.values()) visitor.deliver(event);
  }

  #decide(ids: readonly string[], admitted: boolean): Waiting[] {
    const decided = ids.flatMap((id) => this.#waiting.get(id) ?? []);
    for (const { id, visitor } of decided) {
      this.#waiting.delete(id);
      if (admitted) visitor.letIn();
      visitor.deliver({ name: 'lobby.decided', data: { admitted } });
    }
    if (decided.length > 0) this.#tellHosts();
    return decided.map(({ id, name, since }) => ({ id, name, since }));
  }

  #tellHosts(): void {
    this.#options.tellHosts({ name: 'lobby.waiting', data: { people: this.people } });
  }
}
