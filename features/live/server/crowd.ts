import type { FeatureRoom, Member } from '@amphi/rooms';
import type { Audience, liveEvents, Reaction } from '../protocol.ts';

/** How often reactions are told, as counts. */
const REACTIONS_EVERY_MS = 300;
/** How often the number of viewers is told, at most. */
const AUDIENCE_EVERY_MS = 1000;

/** Whether somebody is in the audience, and not on stage. */
export function isSeated(member: Member): boolean {
  return member.audience === true && member.role === 'viewer';
}

/** What a crowd does, told as numbers: who came and went, and what they throw in. */
export class Crowd {
  readonly #room: FeatureRoom<typeof liveEvents>;
  readonly #isLive: () => boolean;
  readonly #reactions = new Map<Reaction, number>();
  #audience: Audience = { viewers: 0, peak: 0 };
  #cancelCount: (() => void) | undefined;
  #cancelReactions: (() => void) | undefined;

  constructor(room: FeatureRoom<typeof liveEvents>, isLive: () => boolean) {
    this.#room = room;
    this.#isLive = isLive;
  }

  get audience(): Audience {
    return this.#audience;
  }

  /** The peak is counted from now on. */
  begin(): void {
    this.#audience = { ...this.#audience, peak: this.#seated() };
  }

  /** Somebody came or went: counts, and tells it where it is another number. */
  changed(): void {
    this.#cancelCount ??= this.#room.after(AUDIENCE_EVERY_MS, () => {
      this.#cancelCount = undefined;
      const viewers = this.#seated();
      const peak = Math.max(viewers, this.#isLive() ? this.#audience.peak : 0);
      if (viewers === this.#audience.viewers && peak === this.#audience.peak) return;
      this.#audience = { viewers, peak };
      this.#room.broadcast({ name: 'live.audience', data: { audience: this.#audience } });
    });
  }

  react(reaction: Reaction): void {
    this.#reactions.set(reaction, (this.#reactions.get(reaction) ?? 0) + 1);
    this.#cancelReactions ??= this.#room.after(REACTIONS_EVERY_MS, () => {
      this.#cancelReactions = undefined;
      const data = { counts: Object.fromEntries(this.#reactions) };
      this.#reactions.clear();
      for (const member of this.#room.members()) {
        if (member.may('chat')) member.deliver({ name: 'live.reactions', data });
      }
    });
  }

  close(): void {
    this.#cancelCount?.();
    this.#cancelReactions?.();
  }

  #seated(): number {
    let seats = 0;
    for (const member of this.#room.members()) if (isSeated(member)) seats++;
    return seats;
  }
}
