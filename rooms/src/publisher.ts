import { randomUUID } from 'node:crypto';
import {
  type DtlsParameters,
  type Exceptions,
  type IceParameters,
  type LeaveReason,
  NO_EXCEPTIONS,
  type Permission,
  type RtpParameters,
  type TransportInfo,
} from '@amphi/protocol';
import type { Clock } from './clock.ts';
import type { MediaInlet } from './media.ts';
import type { AnyEvent, Member, MemberProfile } from './member.ts';
import { mayDo } from './rights.ts';
import type { Room } from './room.ts';

/** How long the place of a publisher whose connection is gone is kept: a program takes that long to come back. */
export const RETURN_WITHIN_MS = 30_000;

/** One track of a program that publishes. */
export type PublishedTrack = { kind: 'audio' | 'video'; rtpParameters: RtpParameters };

export type PublisherOptions = {
  id: string;
  room: Room;
  /** `publisher:` and the id of the key that it came with. */
  identity: string;
  name: string;
  clock: Clock;
  /** What it sends on is gone with a worker: it has to publish again. */
  onMoved?(): void;
  /** The publisher is out of the room; called once. */
  onEnd(reason: LeaveReason): void;
};

/**
 * A program that sends into the room (OBS, FFmpeg, …): a member like any other, made by the server. It has no session: how
 * its media is negotiated is the business of whoever made it. When its connection is lost the room shows it as reconnecting
 * until it has come back with {@link publish}, as the same member with the same tracks, or its time is over.
 */
export class Publisher implements Member {
  readonly id: string;
  readonly identity: string;
  readonly address = null;
  readonly role = 'publisher';
  readonly direct = false;
  exceptions: Exceptions = NO_EXCEPTIONS;
  readonly #options: PublisherOptions;
  readonly #producerIds: Record<'audio' | 'video', string> = { audio: randomUUID(), video: randomUUID() };
  readonly #joinedAt: number;
  #presence: MemberProfile['presence'] = 'here';
  #cancelEnd: (() => void) | undefined;
  #ended = false;

  private constructor(options: PublisherOptions) {
    this.id = options.id;
    this.identity = options.identity;
    this.#options = options;
    this.#joinedAt = options.clock.now();
  }

  /** Makes the publisher a member of its room. Rejects as `Room.join` does. */
  static async join(options: PublisherOptions): Promise<Publisher> {
    const publisher = new Publisher(options);
    options.room.enter(publisher);
    try {
      await options.room.join(publisher, { codecs: [], headerExtensions: [] }, { receives: false, media: false });
    } catch (error) {
      options.room.leave(publisher.id, 'lost');
      throw error;
    }
    publisher.#expect();
    return publisher;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Sends these tracks from now on, over a new connection; what was there before is replaced, and the ids stay. Answers the
   * server's end of the connection. Rejects with `bad-request` for parameters that the media plane refuses.
   */
  async publish(tracks: readonly PublishedTrack[], dtls: DtlsParameters): Promise<TransportInfo> {
    const { room } = this.#options;
    this.#expect();
    const { send } = await room.media.createTransports(this.id);
    await room.media.connectTransport(this.id, send.id, dtls);
    await this.#send(send.id, tracks);
    return send;
  }

  /**
   * As {@link publish}, for a program that does not speak WebRTC: the answer takes its packets, of the tracks whose ids
   * {@link producerId} tells. Whoever sends says there when the program is gone.
   * @param onKeyFrameWanted as of `RoomMedia.openInlet`
   */
  async publishHere(tracks: readonly PublishedTrack[], onKeyFrameWanted?: () => void): Promise<MediaInlet> {
    const { room } = this.#options;
    this.#expect();
    const inlet = await room.media.openInlet(this.id, onKeyFrameWanted);
    await this.#send(inlet.id, tracks);
    return inlet;
  }

  /** The id of the track of this kind, whether or not there is one now. */
  producerId(kind: 'audio' | 'video'): string {
    return this.#producerIds[kind];
  }

  async #send(transportId: string, tracks: readonly PublishedTrack[]): Promise<void> {
    const { room } = this.#options;
    for (const { kind, rtpParameters } of tracks) {
      const source = kind === 'video' ? 'camera' : 'microphone';
      const producerId = this.#producerIds[kind];
      if (!this.may(kind === 'video' ? 'publish.video' : 'publish.audio')) continue;
      const muted = room.tracks.of(this.id).some((track) => track.id === producerId && track.muted);
      await room.tracks.create(this.id, { transportId, producerId, source, kind, rtpParameters, muted });
    }
    const sent = new Set(tracks.map(({ kind }) => this.#producerIds[kind]));
    for (const { id } of room.tracks.of(this.id)) if (!sent.has(id)) room.tracks.close(this.id, id);
  }

  /** New ICE credentials for the connection that there is. Rejects with `not-found` when there is none. */
  async restartIce(transportId: string): Promise<IceParameters> {
    return this.#options.room.media.restartIce(this.id, transportId);
  }

  info(): MemberProfile {
    const { id, role } = this;
    return { id, role, name: this.#options.name, joinedAt: this.#joinedAt, presence: this.#presence };
  }

  may(permission: Permission): boolean {
    return mayDo(permission, this.role, this.exceptions, this.#options.room.policy);
  }

  assign(change: { exceptions?: Exceptions }): void {
    this.exceptions = change.exceptions ?? this.exceptions;
  }

  /** The room has closed what is no longer allowed; who may send nothing has no reason to be here. */
  rightsChanged(): void {
    if (!this.may('publish.audio') && !this.may('publish.video')) this.end('removed');
  }

  deliver(event: AnyEvent): void {
    if (event.name !== 'media.moved') return;
    // Its media worker is gone, and there is no way to tell a program that speaks WebRTC: it notices, and comes back.
    this.mediaAlive(false);
    this.#options.onMoved?.();
  }

  mediaAlive(alive: boolean): void {
    if (this.#ended) return;
    if (alive) {
      this.#cancelEnd?.();
      this.#cancelEnd = undefined;
    } else {
      this.#expect();
    }
    const presence = alive ? 'here' : 'reconnecting';
    if (presence === this.#presence) return;
    this.#presence = presence;
    this.#options.room.changed(this.id, { presence });
  }

  /** Repeating it changes nothing. */
  end(reason: LeaveReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelEnd?.();
    this.#options.room.leave(this.id, reason);
    this.#options.onEnd(reason);
  }

  /** Ends unless media comes in time. */
  #expect(): void {
    this.#cancelEnd?.();
    this.#cancelEnd = this.#options.clock.after(RETURN_WITHIN_MS, () => this.end('lost'));
  }
}
