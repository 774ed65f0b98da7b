import { AmphiError, type RoomPolicy } from '@amphi/protocol';
import { type Clock, systemClock } from './clock.ts';
import type { Cluster } from './cluster.ts';
import type { ServerFeature } from './feature.ts';
import type { Logger } from './logger.ts';
import type { MediaPlane } from './media.ts';
import { randomRoomId } from './proquint.ts';
import { createRoom, type Room } from './room.ts';
import type { RoomRecord, RoomStore } from './store.ts';

export type RoomDirectoryOptions = {
  store: RoomStore;
  cluster: Cluster;
  plane: MediaPlane;
  features: readonly ServerFeature[];
  /** What a room has that is made without a policy of its own. */
  defaults: RoomPolicy;
  /** Rooms that nobody used for so many days are deleted. */
  retentionDays: number;
  logger: Logger;
  clock?: Clock;
};

/** All rooms: the durable records, and those that are alive on this node because somebody is in them. */
export interface RoomDirectory {
  /**
   * Makes a room: with that id, or with one that cannot be guessed.
   * @throws AmphiError `wrong-state` when there is a room with this id.
   */
  create(options: { id?: string | undefined; policy?: Partial<RoomPolicy> | undefined }): RoomRecord;
  /** @throws AmphiError `room-not-found` */
  lookup(id: string): RoomRecord;
  /** Changes the durable policy, and the live room's wherever that is. */
  setPolicy(id: string, policy: RoomPolicy): Promise<void>;
  /**
   * Brings the room to life where it is not, and holds it so until `leave` was called as often as this.
   * Rejects with `room-not-found` or `media-unavailable`.
   */
  enter(id: string): Promise<{ room: Room; leave: () => void }>;
  /** The rooms that are alive on this node. */
  live(): Room[];
  /** Deletes the rooms that nobody used for long; also done by itself once a day. */
  prune(): number;
  close(): void;
}

const DAY_MS = 24 * 60 * 60 * 1000;

type Live = { opening: Promise<Room>; room: Room | undefined; holders: number };

export function createRoomDirectory(options: RoomDirectoryOptions): RoomDirectory {
  const { store, cluster, plane, features, logger } = options;
  const clock = options.clock ?? systemClock;
  const live = new Map<string, Live>();

  const unsubscribe = cluster.subscribe('room.changed', ({ roomId }) => {
    const record = store.get(roomId);
    if (record) live.get(roomId)?.room?.setPolicy(record.policy);
  });

  function lookup(id: string): RoomRecord {
    const record = store.get(id);
    if (!record) throw new AmphiError('room-not-found', `there is no room "${id}"`);
    return record;
  }

  async function open({ id, policy }: RoomRecord): Promise<Room> {
    const owner = await cluster.claimRoom(id);
    if (owner !== cluster.nodeId) {
      throw new AmphiError('media-unavailable', 'the room is on another node', { retryAfterMs: 1000 });
    }
    try {
      return await createRoom({ id, policy, plane, features, logger, clock });
    } catch (error) {
      await cluster.releaseRoom(id);
      throw error;
    }
  }

  function hold(record: RoomRecord): Live {
    const { id } = record;
    const known = live.get(id);
    if (known) {
      known.holders++;
      return known;
    }
    const entry: Live = { opening: open(record), room: undefined, holders: 1 };
    live.set(id, entry);
    return entry;
  }

  /** A full disk is no reason to end a call. */
  function touch(id: string): void {
    try {
      store.touch(id, clock.now());
    } catch (error) {
      logger.error({ err: error, roomId: id }, 'the use of a room could not be written down');
    }
  }

  function release(id: string, entry: Live): void {
    entry.holders--;
    if (entry.holders > 0) return;
    live.delete(id);
    if (!entry.room) return;
    entry.room.close();
    touch(id);
    cluster.releaseRoom(id).catch((error: unknown) => logger.error({ err: error }, 'a room could not be released'));
    logger.info({ roomId: id }, 'room is empty');
  }

  function prune(): number {
    const count = store.deleteUnusedSince(clock.now() - options.retentionDays * DAY_MS, new Set(live.keys()));
    if (count > 0) logger.info({ count }, 'rooms that were not used for long are deleted');
    return count;
  }

  let cancelPrune = clock.after(DAY_MS, daily);
  function daily(): void {
    try {
      prune();
    } catch (error) {
      logger.error({ err: error }, 'old rooms could not be deleted');
    }
    cancelPrune = clock.after(DAY_MS, daily);
  }

  return {
    lookup,
    prune,

    create({ id, policy }) {
      const now = clock.now();
      const merged: RoomPolicy = {
        direct: policy?.direct ?? options.defaults.direct,
        capacity: policy?.capacity ?? options.defaults.capacity,
      };
      const record = { id: id ?? randomRoomId(), policy: merged, createdAt: now, usedAt: now };
      if (!store.insert(record)) {
        throw new AmphiError('wrong-state', `there is a room "${record.id}" already`, { path: 'id' });
      }
      return record;
    },

    async setPolicy(id, policy) {
      lookup(id);
      store.setPolicy(id, policy);
      await cluster.publish('room.changed', { roomId: id });
    },

    async enter(id) {
      const record = lookup(id);
      const entry = hold(record);
      let left = false;
      const leave = () => {
        if (left) return;
        left = true;
        release(id, entry);
      };
      try {
        const room = await entry.opening;
        entry.room = room;
        touch(id);
        return { room, leave };
      } catch (error) {
        leave();
        throw error;
      }
    },

    live: () => [...live.values()].flatMap(({ room }) => (room ? [room] : [])),

    close() {
      unsubscribe();
      cancelPrune();
      for (const { room } of live.values()) room?.close('server-stopping');
    },
  };
}
