import type { FeedReceiver } from '@amphi/media';
import { type LeaveReason, NO_EXCEPTIONS, type Permission } from '@amphi/protocol';
import { type AnyEvent, type Clock, mayDo, type Member, type MemberProfile, type Room } from '@amphi/rooms';
import type { Stage } from './stage.ts';

/** How long a player whose connection is gone may take to come back, or to connect at all. */
const CONNECT_WITHIN_MS = 30_000;

export type ViewerOptions = {
  id: string;
  room: Room;
  stage: Stage;
  identity: string;
  address: string;
  clock: Clock;
  /** It is out of the room; called once. */
  onEnd(reason: LeaveReason): void;
};

/**
 * A program that plays (WHEP): one of the audience like any other, counted and not listed. It has no session, sends nothing,
 * and its media comes from the {@link Stage} and not from the room's routers.
 */
export class Viewer implements Member {
  readonly id: string;
  readonly identity: string;
  readonly address: string;
  readonly role = 'viewer';
  readonly audience = true;
  readonly direct = false;
  readonly exceptions = NO_EXCEPTIONS;
  readonly #options: ViewerOptions;
  readonly #joinedAt: number;
  #receiver: FeedReceiver | undefined;
  #cancelEnd: (() => void) | undefined;
  #ended = false;

  /** Makes it a member of its room. Rejects as `Room.join` does. */
  static async join(options: ViewerOptions): Promise<Viewer> {
    const { room } = options;
    const viewer = new Viewer(options);
    room.enter(viewer);
    try {
      // It takes nothing of the room's own media.
      await room.join(viewer, { codecs: [], headerExtensions: [] }, { receives: false, media: false });
    } catch (error) {
      room.leave(viewer.id, 'lost');
      throw error;
    }
    viewer.#expect();
    return viewer;
  }

  private constructor(options: ViewerOptions) {
    this.#options = options;
    this.id = options.id;
    this.identity = options.identity;
    this.address = options.address;
    this.#joinedAt = options.clock.now();
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What it receives, which ends with it. */
  receives(receiver: FeedReceiver): void {
    this.#receiver = receiver;
    if (this.#ended) receiver.close();
  }

  info(): MemberProfile {
    return { id: this.id, role: this.role, name: 'Player', joinedAt: this.#joinedAt, presence: 'here' };
  }

  may(permission: Permission): boolean {
    return mayDo(permission, this.role, this.exceptions, this.#options.room.policy);
  }

  /** There is no way to tell a player that it is something else now. */
  assign(): void {}

  /** The event ended, or went backstage again. */
  rightsChanged(): void {
    if (!this.may('subscribe')) this.end('removed');
  }

  deliver(event: AnyEvent): void {
    if (!this.#ended) this.#options.stage.heard(this, event);
  }

  /** Of connections of the room's own it has none. */
  mediaAlive(): void {}

  /** Its connection came or went. */
  alive(alive: boolean): void {
    this.#cancelEnd?.();
    this.#cancelEnd = undefined;
    if (!alive && !this.#ended) this.#expect();
  }

  /** Repeating it changes nothing. */
  end(reason: LeaveReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelEnd?.();
    this.#receiver?.close();
    this.#options.stage.leave(this);
    this.#options.room.leave(this.id, reason);
    this.#options.onEnd(reason);
  }

  #expect(): void {
    this.#cancelEnd?.();
    this.#cancelEnd = this.#options.clock.after(CONNECT_WITHIN_MS, () => this.end('lost'));
  }
}
