import { randomBytes } from 'node:crypto';
import type { PictureTreatment } from '@amphi/egress';
import { AmphiError, type LeaveReason } from '@amphi/protocol';
import {
  type Clock,
  type Cluster,
  type Logger,
  Publisher,
  type RoomDirectory,
  type RoomStore,
  type StreamKey,
} from '@amphi/rooms';
import { Refusals } from './refusals.ts';

/** How long a key is refused whose publisher a moderator has put out: programs come back by themselves. */
const PUT_OUT_MS = 60_000;

/** By what programs publish. */
export const INGEST_PROTOCOLS = ['whip', 'rtmp', 'srt'] as const;
export type IngestProtocol = (typeof INGEST_PROTOCOLS)[number];

/** A connection over which a program publishes. */
export interface PublisherConnection {
  readonly protocol: IngestProtocol;
  /** What is done with the picture now; it is as it was sent where this is not told. */
  readonly picture?: PictureTreatment;
  /** Another connection publishes with the same key now, or the publisher is out of the room. Called at most once. */
  over(reason: LeaveReason | 'replaced'): void;
  /** What it sends on is gone with a worker, and has to be made anew. */
  moved?(): void;
}

type Stream = { publisher: Publisher; connection: PublisherConnection | undefined };

/** The programs that publish into rooms of this node, each by its stream key, whichever protocol it speaks. */
export interface Publishers {
  /** The key that is this secret. @throws AmphiError `unauthorized` when there is none */
  keyOf(secret: string | undefined): StreamKey;
  /** The key with this id, for who shows otherwise that it was given to him. @throws AmphiError `unauthorized` */
  keyWithId(id: string): StreamKey;
  /** The origin of the node where the room is, when it is another one and can be reached. */
  elsewhere(roomId: string): Promise<string | undefined>;
  /**
   * Begins to publish by `connection`, or does so anew, one at a time for each key: who publishes with the same key already
   * is replaced and stays the same member. Rejects as `work` does, which ends the publisher, or with AmphiError
   * `forbidden`, `room-not-found`, `room-full`, `media-unavailable`.
   */
  take<T>(key: StreamKey, connection: PublisherConnection, work: (publisher: Publisher) => Promise<T>): Promise<T>;
  /** What publishes with the key now. */
  publisherOf(key: StreamKey): Publisher | undefined;
  /** Whether it is by this connection that the key is used now. */
  holds(key: StreamKey, connection: PublisherConnection): boolean;
  /** The programs whose stream was not taken lately. */
  readonly refusals: Refusals;
  /** What is done with the picture that this member publishes. */
  pictureOf(memberId: string): PictureTreatment;
  /** The connections by which programs publish now, and how many there were. */
  figures(): { connections: PublisherConnection[]; taken: Readonly<Record<IngestProtocol, number>> };
  close(): void;
}

export type PublishersOptions = {
  directory: RoomDirectory;
  store: RoomStore;
  cluster: Cluster;
  clock: Clock;
  logger: Logger;
};

export function createPublishers(options: PublishersOptions): Publishers {
  const { directory, store, cluster, clock, logger } = options;
  const streams = new Map<string, Stream>();
  const taken: Record<IngestProtocol, number> = { whip: 0, rtmp: 0, srt: 0 };
  const putOut = new Map<string, number>();
  /** What goes on with a key, so that two connections do not overtake each other. */
  const queues = new Map<string, Promise<unknown>>();
  const refusals = new Refusals(clock);
  const unsubscribe = cluster.subscribe('stream-key.gone', ({ keyId }) => {
    streams.get(keyId)?.publisher.end('removed');
    // Not by a moderator: with a new secret it may come at once.
    putOut.delete(keyId);
  });

  function drop(stream: Stream, reason: LeaveReason | 'replaced'): void {
    const { connection } = stream;
    stream.connection = undefined;
    connection?.over(reason);
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
        onMoved: () => streams.get(key.id)?.connection?.moved?.(),
        onEnd(reason) {
          logger.info({ roomId: key.roomId, keyId: key.id, reason }, 'a publisher ended');
          if (reason === 'removed' || reason === 'banned') putOut.set(key.id, clock.now() + PUT_OUT_MS);
          if (reason === 'banned') store.streamKeys.revoke(key.roomId, key.id);
          const stream = streams.get(key.id);
          streams.delete(key.id);
          if (stream) drop(stream, reason);
          leave();
        },
      });
    } catch (error) {
      leave();
      throw error;
    }
  }

  async function publish<T>(
    key: StreamKey,
    connection: PublisherConnection,
    work: (publisher: Publisher) => Promise<T>,
  ): Promise<T> {
    const until = putOut.get(key.id) ?? 0;
    if (until > clock.now()) {
      throw new AmphiError('forbidden', 'a moderator has ended this stream', { retryAfterMs: until - clock.now() });
    }
    putOut.delete(key.id);
    const known = streams.get(key.id);
    const stream = known ?? { publisher: await join(key), connection: undefined };
    streams.set(key.id, stream);
    const isNew = stream.connection !== connection;
    if (isNew) drop(stream, 'replaced');
    stream.connection = connection;
    try {
      const done = await work(stream.publisher);
      if (!isNew) return done;
      taken[connection.protocol] += 1;
      store.streamKeys.used(key.id, clock.now());
      logger.info({ roomId: key.roomId, keyId: key.id, again: known !== undefined }, 'a publisher came');
      return done;
    } catch (error) {
      stream.connection = undefined;
      stream.publisher.end('lost');
      throw error;
    }
  }

  return {
    keyOf: (secret) => existing(secret === undefined ? undefined : store.streamKeys.find(secret)),
    keyWithId: (id) => existing(store.streamKeys.get(id)),

    async elsewhere(roomId) {
      const owner = await cluster.ownerOfRoom(roomId);
      return owner === undefined || owner === cluster.nodeId ? undefined : cluster.originOf(owner);
    },

    async take(key, connection, work) {
      const before = queues.get(key.id);
      const turn = (async () => {
        await before?.catch(() => undefined);
        return publish(key, connection, work);
      })();
      queues.set(key.id, turn);
      try {
        return await turn;
      } finally {
        if (queues.get(key.id) === turn) queues.delete(key.id);
      }
    },

    publisherOf: (key) => streams.get(key.id)?.publisher,
    holds: (key, connection) => streams.get(key.id)?.connection === connection,
    refusals,

    figures: () => ({
      connections: [...streams.values()].flatMap(({ connection }) => (connection ? [connection] : [])),
      taken,
    }),
    pictureOf(memberId) {
      const stream = [...streams.values()].find(({ publisher }) => publisher.id === memberId);
      return stream?.connection?.picture ?? 'as-sent';
    },

    close() {
      unsubscribe();
      for (const { publisher } of [...streams.values()]) publisher.end('server-stopping');
    },
  };
}

function existing(key: StreamKey | undefined): StreamKey {
  if (!key) throw new AmphiError('unauthorized', 'this is no stream key');
  return key;
}
