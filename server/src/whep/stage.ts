import {
  FEED_PAYLOAD_TYPE,
  FEED_SSRC,
  type AmphiMediaPlane,
  type Feed,
  type FeedReceiver,
  type ReceiverOptions,
} from '@amphi/media';
import { RtpSwitch } from '@amphi/egress';
import type { AnyEvent, Clock, Member, Room } from '@amphi/rooms';
import type { ReceivableCodec } from '../sdp/index.ts';
import { type Kind, rank, type StageTrack } from './choose.ts';

export type StageOptions = {
  room: Room;
  plane: Pick<AmphiMediaPlane, 'openFeed'>;
  /** Receivers of one feed; more have another one, on another worker where there is one. */
  perFeed: number;
  clock: Clock;
};

/** One picture or sound of the stage in one codec. */
type Lane = {
  kind: Kind;
  codec: string;
  source: RtpSwitch;
  feeds: Set<OpenFeed>;
  /** Ends the receivers, unless the stage has something for them again. */
  cancelEnd: (() => void) | undefined;
};

type OpenFeed = {
  feed: Feed;
  lanes: Lane[];
  /** Receivers, those being made included. */
  users: number;
  /** Resolves when it is closed. */
  gone: Promise<void>;
};

export type Codecs = Partial<Record<Kind, ReceivableCodec>>;

/** Kinds of players at once in a room: each costs a router. */
export const MAX_FEEDS = 8;
/** How long a receiver waits whose codec nobody on stage sends any more, while others are sent. */
const STARVED_MS = 5000;
/** After which of the room's events the stage may be another. */
const CHANGES = /^(member|producer)\./;

/**
 * What is on stage in a room, as one picture and one sound for receivers that know nothing of tracks. It lives as long as
 * somebody receives it.
 */
export class Stage {
  readonly #options: StageOptions;
  /** In order of coming: the first one hears the room's events for all. */
  readonly #viewers = new Map<Member, FeedReceiver | undefined>();
  readonly #lanes = new Map<string, Lane>();
  readonly #feeds = new Map<string, Promise<OpenFeed>[]>();
  #speakerId: string | null = null;

  constructor(options: StageOptions) {
    this.#options = options;
  }

  /** What may be shown of a kind now, best first. */
  ranked(kind: Kind): StageTrack[] {
    return rank(this.#tracks(), kind, this.#speakerId, undefined);
  }

  /** Whether one more such receiver needs no more kinds of feeds than there may be. */
  hasRoomFor(codecs: Codecs): boolean {
    return this.#feeds.has(keyOf(codecs)) || this.#feeds.size < MAX_FEEDS;
  }

  /**
   * Has a member receive the stage in these codecs. Rejects with `media-unavailable`, or `bad-request` for codecs that the
   * worker refuses.
   */
  async seat(viewer: Member, codecs: Codecs, options: ReceiverOptions): Promise<FeedReceiver> {
    this.#viewers.set(viewer, undefined);
    const entry = await this.#feedFor(codecs);
    entry.users += 1;
    try {
      const receiver = await entry.feed.receive({
        ...options,
        onClosed: () => {
          this.#release(entry);
          options.onClosed();
        },
      });
      this.#viewers.set(viewer, receiver);
      this.update();
      return receiver;
    } catch (error) {
      this.#release(entry);
      throw error;
    }
  }

  leave(viewer: Member): void {
    this.#viewers.delete(viewer);
  }

  /** How many receive it, or are about to. */
  get size(): number {
    return this.#viewers.size;
  }

  /** An event of the room, as each of the viewers is told. */
  heard(viewer: Member, { name, data }: AnyEvent): void {
    const [first] = this.#viewers.keys();
    if (viewer !== first) return;
    if (name === 'room.speakers') {
      const { dominantId } = data as { dominantId: string | null };
      if (dominantId === this.#speakerId) return;
      this.#speakerId = dominantId;
      this.update();
    } else if (CHANGES.test(name)) {
      // Some of them are told before they are true.
      queueMicrotask(() => this.update());
    }
  }

  /** Looks again at what is to be shown. */
  update(): void {
    const tracks = this.#tracks();
    for (const lane of this.#lanes.values()) {
      const ranked = rank(tracks, lane.kind, this.#speakerId, lane.source.selected);
      const best = ranked.find(({ codec }) => codec === lane.codec);
      lane.source.select(best?.producerId);
      if (best !== undefined || ranked.length === 0) {
        lane.cancelEnd?.();
        lane.cancelEnd = undefined;
      } else {
        // It can only come again and agree on what is sent now.
        lane.cancelEnd ??= this.#options.clock.after(STARVED_MS, () => this.#end(lane));
      }
    }
  }

  #tracks(): StageTrack[] {
    const { room } = this.#options;
    return room.members().flatMap(({ id }) =>
      room.tracks.of(id).flatMap(({ id: producerId, kind, source, muted }) => {
        const codec = room.media.codecOf(producerId);
        return codec === undefined ? [] : [{ producerId, memberId: id, kind, source, codec, muted }];
      }),
    );
  }

  async #feedFor(codecs: Codecs): Promise<OpenFeed> {
    const key = keyOf(codecs);
    for (const opening of this.#feeds.get(key) ?? []) {
      const entry = await opening;
      if (!entry.feed.closed && entry.users < this.#options.perFeed) return entry;
    }
    const opening = this.#open(codecs);
    const drop = () => {
      const others = (this.#feeds.get(key) ?? []).filter((other) => other !== opening);
      if (others.length > 0) this.#feeds.set(key, others);
      else this.#feeds.delete(key);
    };
    this.#feeds.set(key, [...(this.#feeds.get(key) ?? []), opening]);
    try {
      const entry = await opening;
      void entry.gone.then(drop);
      return entry;
    } catch (error) {
      drop();
      throw error;
    }
  }

  async #open(codecs: Codecs): Promise<OpenFeed> {
    const { audio, video } = codecs;
    const { promise: gone, resolve: closed } = Promise.withResolvers<void>();
    const lanes: Lane[] = [];
    const opened: { entry?: OpenFeed } = {};
    const feed = await this.#options.plane.openFeed({
      codecs: { ...(audio ? { audio } : {}), ...(video ? { video } : {}) },
      onKeyFrameWanted: () => lanes.find(({ kind }) => kind === 'video')?.source.requestKeyFrame(),
      onClosed: () => {
        for (const lane of lanes) if (opened.entry) this.#leave(lane, opened.entry);
        closed();
      },
    });
    const entry: OpenFeed = { feed, lanes, users: 0, gone };
    opened.entry = entry;
    for (const kind of ['audio', 'video'] as const) {
      const codec = codecs[kind];
      if (!codec) continue;
      const lane = this.#lane(kind, codec);
      lane.feeds.add(entry);
      lanes.push(lane);
    }
    return entry;
  }

  #lane(kind: Kind, { mimeType, clockRate }: ReceivableCodec): Lane {
    const codec = mimeType.toLowerCase();
    const known = this.#lanes.get(codec);
    if (known) return known;
    const { room } = this.#options;
    const feeds = new Set<OpenFeed>();
    const source = new RtpSwitch({
      ...{ mimeType: codec, clockRate, ssrc: FEED_SSRC[kind], payloadType: FEED_PAYLOAD_TYPE[kind] },
      tap: (producerId, sink) => room.media.tap(producerId, sink),
      send: (packet) => feeds.forEach(({ feed }) => feed.send(kind, packet)),
      report: (report) => feeds.forEach(({ feed }) => feed.report(report)),
    });
    const lane: Lane = { kind, codec, source, feeds, cancelEnd: undefined };
    this.#lanes.set(codec, lane);
    return lane;
  }

  #leave(lane: Lane, entry: OpenFeed): void {
    lane.feeds.delete(entry);
    if (lane.feeds.size > 0) return;
    lane.cancelEnd?.();
    lane.source.close();
    this.#lanes.delete(lane.codec);
  }

  #release(entry: OpenFeed): void {
    entry.users -= 1;
    if (entry.users === 0) entry.feed.close();
  }

  #end(lane: Lane): void {
    for (const { feed } of [...lane.feeds]) feed.close();
  }
}

/** Two receivers with the same key can share a feed. */
function keyOf({ audio, video }: Codecs): string {
  return JSON.stringify([audio, video].map((codec) => codec && [codec.mimeType, codec.payloadType, codec.parameters]));
}
