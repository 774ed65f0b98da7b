import { AmphiError } from '@amphi/protocol';
import type { Member } from './member.ts';

export type SeatsOptions = {
  /** The most who may watch at once. */
  seats?: number | undefined;
  /** The most of them who are given tracks. */
  places?: number | undefined;
};

/**
 * The audience of a room: how many there may be, and who of them is given tracks. Whoever comes when all places are taken,
 * or wants none, is there all the same, counts, writes and reacts, and sees the event some other way.
 */
export class Seats {
  readonly #members: ReadonlyMap<string, Member>;
  readonly #seats: number;
  readonly #places: number;
  /** Who goes without tracks. */
  readonly #without = new Set<string>();
  /** Who joins now and has a place. */
  readonly #coming = new Set<string>();

  constructor(members: ReadonlyMap<string, Member>, { seats = 10_000, places = 1000 }: SeatsOptions) {
    this.#members = members;
    this.#seats = seats;
    this.#places = places;
  }

  /** How many sit there. */
  get taken(): number {
    return this.#seated().length;
  }

  get isFull(): boolean {
    return this.taken >= this.#seats;
  }

  /** Somebody of the audience joins, and wants tracks or not. Answers whether there are any for it. */
  take(id: string, wantsTracks: boolean): boolean {
    const has = wantsTracks && this.#hasPlace();
    if (has) this.#coming.add(id);
    else this.#without.add(id);
    return has;
  }

  /** The join is over. */
  came(id: string): void {
    this.#coming.delete(id);
  }

  left(id: string): void {
    this.#coming.delete(id);
    this.#without.delete(id);
  }

  /** Whether the member has a place, and with that tracks; who is on stage always has. */
  isServed(member: Member): boolean {
    return !this.#without.has(member.id) || !isSeated(member);
  }

  /** Who looks on wants tracks from now on, or none. @throws AmphiError `room-full`, `wrong-state` for others */
  choose(member: Member, wantsTracks: boolean): void {
    if (!isSeated(member)) throw new AmphiError('wrong-state', 'only who looks on can do without tracks');
    if (!wantsTracks) {
      this.#without.add(member.id);
    } else if (this.#without.has(member.id)) {
      if (!this.#hasPlace()) throw new AmphiError('room-full', 'all places in real time are taken');
      this.#without.delete(member.id);
    }
  }

  #hasPlace(): boolean {
    const served = this.#seated().filter((member) => !this.#without.has(member.id)).length;
    return served + this.#coming.size < this.#places;
  }

  #seated(): Member[] {
    return [...this.#members.values()].filter(isSeated);
  }
}

/** Whoever looks on is no part of the call. */
function isSeated(member: Member): boolean {
  return member.audience === true && member.role === 'viewer';
}
