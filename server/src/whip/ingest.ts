import { randomBytes } from 'node:crypto';
import { AmphiError, type Relay, type RtpCapabilities, type TransportInfo } from '@amphi/protocol';
import {
  type Clock,
  type Cluster,
  type Logger,
  Publisher,
  type RoomDirectory,
  type RoomStore,
  type StreamKey,
} from '@amphi/rooms';
import {
  type IceCredentials,
  type Offer,
  readOffer,
  SdpError,
  sentTrack,
  type SentTrack,
  writeAnswer,
} from '../sdp/index.ts';

export type IngestOptions = {
  directory: RoomDirectory;
  store: RoomStore;
  cluster: Cluster;
  /** STUN and TURN servers for a publisher. */
  relay(id: string): Relay;
  capabilities: RtpCapabilities;
  clock: Clock;
  logger: Logger;
};

/** One connection of a publisher: what WHIP calls a session. */
export type IngestSession = {
  /** Cannot be guessed. */
  readonly id: string;
  readonly key: StreamKey;
  readonly offer: Offer;
  /** The other end's ICE credentials now. */
  ice: IceCredentials;
  /** Names the ICE session; a restart makes another. */
  etag: string;
  transport: TransportInfo;
};

/** What publishes with one key. */
type Stream = { publisher: Publisher; session: IngestSession | undefined };

/** How long a key is refused whose publisher a moderator has put out: programs come back by themselves. */
const PUT_OUT_MS = 60_000;

/** All programs that publish into rooms of this node. */
export interface Ingest {
  /** @throws AmphiError `unauthorized` for a key that is not one of this room. */
  keyOf(roomId: string, key: string | undefined): StreamKey;
  /** The origin of the node where the room is, when it is another one and can be reached. */
  elsewhere(roomId: string): Promise<string | undefined>;
  /**
   * Publishes; who publishes with the same key already is replaced and stays the same member. Rejects with SdpError, or
   * AmphiError `forbidden`, `room-not-found`, `room-full`, `media-unavailable`.
   */
  open(key: StreamKey, sdp: string): Promise<{ session: IngestSession; answer: string; relay: Relay }>;
  session(id: string): IngestSession | undefined;
  restartIce(session: IngestSession, ice: IceCredentials): Promise<void>;
  /** Ends the publisher. */
  stop(session: IngestSession): void;
  close(): void;
}

export function createIngest(options: IngestOptions): Ingest {
  const { directory, store, cluster, clock, logger } = options;
  const streams = new Map<string, Stream>();
  const sessions = new Map<string, IngestSession>();
  const putOut = new Map<string, number>();
  /** What goes on with a key, so that two requests do not overtake each other. */
  const queues = new Map<string, Promise<unknown>>();
  const unsubscribe = cluster.subscribe('stream-key.gone', ({ keyId }) => streams.get(keyId)?.publisher.end('removed'));

  function forget(session: IngestSession | undefined): void {
    if (session) sessions.delete(session.id);
  }

  async function join(key: StreamKey): Promise<Publisher> {
    const { room, leave } = await directory.enter(key.roomId);
    try {
      return await Publisher.join({
        id: `pub-${randomBytes(9).toString('base64url')}`,
        room,
        identity: `publisher:${key.id}`,
        name: key.name,
        clock,
        onEnd(reason) {
          logger.info({ roomId: key.roomId, keyId: key.id, reason }, 'a publisher ended');
          if (reason === 'removed' || reason === 'banned') putOut.set(key.id, clock.now() + PUT_OUT_MS);
          if (reason === 'banned') store.streamKeys.revoke(key.roomId, key.id);
          forget(streams.get(key.id)?.session);
          streams.delete(key.id);
          leave();
        },
      });
    } catch (error) {
      leave();
      throw error;
    }
  }

  async function publish(key: StreamKey, offer: Offer, tracks: readonly SentTrack[]) {
    const until = putOut.get(key.id) ?? 0;
    if (until > clock.now()) {
      throw new AmphiError('forbidden', 'a moderator has ended this stream', { retryAfterMs: until - clock.now() });
    }
    putOut.delete(key.id);
    const known = streams.get(key.id);
    const stream = known ?? { publisher: await join(key), session: undefined };
    streams.set(key.id, stream);
    // What the old connection still says is of no interest.
    forget(stream.session);
    stream.session = undefined;
    try {
      const transport = await stream.publisher.publish(tracks, offer.dtls);
      const session = { id: newId(), key, offer, ice: offer.ice, etag: newEtag(), transport };
      stream.session = session;
      sessions.set(session.id, session);
      store.streamKeys.used(key.id, clock.now());
      logger.info({ roomId: key.roomId, keyId: key.id, again: known !== undefined }, 'a publisher came');
      return session;
    } catch (error) {
      stream.publisher.end('lost');
      throw error;
    }
  }

  return {
    keyOf(roomId, key) {
      const found = key === undefined ? undefined : store.streamKeys.find(key);
      if (found?.roomId !== roomId) throw new AmphiError('unauthorized', 'this is no stream key of this room');
      return found;
    },

    async elsewhere(roomId) {
      const owner = await cluster.ownerOfRoom(roomId);
      return owner === undefined || owner === cluster.nodeId ? undefined : cluster.originOf(owner);
    },

    async open(key, sdp) {
      const offer = readOffer(sdp);
      const tracks = tracksOf(offer, options.capabilities);
      const before = queues.get(key.id);
      const work = (async () => {
        await before?.catch(() => undefined);
        return publish(key, offer, tracks);
      })();
      queues.set(key.id, work);
      try {
        const session = await work;
        const answered = tracks.map((track) => ({ ...track, direction: 'recvonly' as const }));
        return { session, answer: writeAnswer(offer, session.transport, answered), relay: options.relay(session.id) };
      } finally {
        if (queues.get(key.id) === work) queues.delete(key.id);
      }
    },

    session: (id) => sessions.get(id),

    async restartIce(session, ice) {
      const publisher = streams.get(session.key.id)?.publisher;
      if (!publisher) throw new AmphiError('not-found', 'this session is over');
      const iceParameters = await publisher.restartIce(session.transport.id);
      session.transport = { ...session.transport, iceParameters };
      session.ice = ice;
      session.etag = newEtag();
    },

    stop(session) {
      forget(session);
      streams.get(session.key.id)?.publisher.end('left');
    },

    close() {
      unsubscribe();
      for (const { publisher } of streams.values()) publisher.end('server-stopping');
    },
  };
}

/** What is taken of an offer: the first section of each kind that sends. @throws SdpError when one of them cannot be used. */
function tracksOf(offer: Offer, capabilities: RtpCapabilities): SentTrack[] {
  const sending = offer.sections.filter(({ direction }) => direction === 'sendonly' || direction === 'sendrecv');
  const firsts = (['audio', 'video'] as const).flatMap(
    (kind) => sending.find((section) => section.kind === kind) ?? [],
  );
  if (firsts.length === 0)
    throw new SdpError(422, 'nothing is sent: no audio or video section is a=sendonly or a=sendrecv');
  return firsts.map((section) => {
    const track = sentTrack(section, capabilities);
    if (track) return track;
    const offered = [...new Set(section.media.rtp.map(({ codec }) => codec))].join(', ');
    throw new SdpError(
      422,
      `none of the ${section.kind} codecs (${offered}) is known here, which takes ${takenOf(section.kind, capabilities)}`,
    );
  });
}

function takenOf(kind: string, { codecs = [] }: RtpCapabilities): string {
  const names = codecs.filter((codec) => codec.kind === kind && !/\/rtx$/i.test(codec.mimeType)).map(nameOf);
  return [...new Set(names)].join(', ');
}

function nameOf({ mimeType, parameters = {} }: NonNullable<RtpCapabilities['codecs']>[number]): string {
  const name = mimeType.slice(mimeType.indexOf('/') + 1);
  const profile = parameters['profile-level-id'];
  return profile === undefined ? name : `${name} (${profile})`;
}

function newId(): string {
  return randomBytes(18).toString('base64url');
}

function newEtag(): string {
  return `"${randomBytes(9).toString('base64url')}"`;
}
