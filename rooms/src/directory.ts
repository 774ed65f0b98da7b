import { AmphiError, type PolicyPatch, type RoomPolicy, roomPolicy } from '@amphi/protocol';
import { noSuchRoom } from './admission.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Cluster } from './cluster.ts';
import type { ServerFeature } from './feature.ts';
import { createBook, createGovernor, type Governor } from './governor.ts';
import type { Logger } from './logger.ts';
import type { MediaPlane } from './media.ts';
import type { RoomObserver } from './observer.ts';
import { randomRoomId } from './proquint.ts';
import type { Actor } from './rights.ts';
import { createRoom, type Room } from './room.ts';
import type { SeatsOptions } from './seats.ts';
import { hashPassword, hostKeyHash, newHostKey } from './secrets.ts';
import type { RoomRecord, RoomStore } from './store.ts';

export type RoomDirectoryOptions = {
  store: RoomStore;
  cluster: Cluster;
  plane: MediaPlane;
  features: readonly ServerFeature[];
  /** What a room has that is made without a policy of its own. */
  defaults: Pick<RoomPolicy, 'direct' | 'capacity'>;
  /** How many may watch a room at once. */
  audience?: SeatsOptions;
  /** Rooms that nobody used for so many days are deleted. */
  retentionDays: number;
  /** Rooms that stay all the same: something of theirs is kept. */
  keptRooms?(): Iterable<string>;
  /** Audit entries are kept for so many days. */
  auditDays?: number;
  observer?: RoomObserver;
  logger: Logger;
  clock?: Clock;
};

/** All rooms: the durable records, and those that are alive on this node because somebody is in them. */
export interface RoomDirectory {
  /**
   * Makes a room: with that id, or with one that cannot be guessed. The host key is told here and never again.
   * Rejects with `wrong-state` when there is a room with this id.
   */
  create(options: {
    id?: string | undefined;
    policy?: PolicyPatch | undefined;
    actor?: Actor;
  }): Promise<{ record: RoomRecord; hostKey: string }>;
  /** @throws AmphiError `room-not-found`, also when the room has expired. */
  lookup(id: string): RoomRecord;
  /** The rooms after an id, in the order of their ids. */
  list(options: { after?: string | undefined; limit: number }): RoomRecord[];
  /** What may be done to a room's records. @throws AmphiError `room-not-found` */
  governor(id: string): Governor;
  /** The room, if somebody is in it on this node. */
  liveRoom(id: string): Room | undefined;
  /** Ends the room and deletes it. @throws AmphiError `room-not-found` */
  remove(id: string, actor: Actor): void;
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
/** A room that expires ends at most so much later. */
const EXPIRY_CHECK_MS = 5000;

type Live = { opening: Promise<Room>; room: Room | undefined; holders: number };

export function createRoomDirectory(options: RoomDirectoryOptions): RoomDirectory {
  const { store, cluster, plane, features, logger } = options;
  const clock = options.clock ?? systemClock;
  const live = new Map<string, Live>();

  const unsubscribe = cluster.subscribe('room.changed', ({ roomId }) => {
    const record = store.get(roomId);
    if (record) live.get(roomId)?.room?.setPolicy(record.policy, record.passwordHash);
  });

  function lookup(id: string): RoomRecord {
    const record = store.get(id);
    const expiresAt = record?.policy.expiresAt ?? null;
    if (!record || (expiresAt !== null && expiresAt <= clock.now())) throw noSuchRoom();
    return record;
  }

  async function open({ id, policy, passwordHash }: RoomRecord): Promise<Room> {
    const owner = await cluster.claimRoom(id);
    if (owner !== cluster.nodeId) {
      throw new AmphiError('media-unavailable', 'the room is on another node', { retryAfterMs: 1000 });
    }
    try {
      const book = createBook(id, store, clock);
      const { observer } = options;
      const values = store.features;
      const { audience } = options;
      const records = { governor: governor(id), values, book };
      const room = await createRoom({
        ...{ id, policy, passwordHash, audience, plane, features, observer, logger, clock },
        ...records,
      });
      observer?.opened?.(id);
      return room;
    } catch (error) {
      await cluster.releaseRoom(id);
      throw error;
    }
  }

  function governor(id: string): Governor {
    lookup(id);
    const book = createBook(id, store, clock);
    return createGovernor({
      roomId: id,
      store,
      book,
      clock,
      membersOf: (identity) => live.get(id)?.room?.peopleOf(identity) ?? [],
      changed: () => cluster.publish('room.changed', { roomId: id }),
      keyGone: (keyId) => cluster.publish('stream-key.gone', { keyId }),
    });
  }

  /** Ends rooms whose time is over. */
  function expire(): void {
    for (const { room } of live.values()) {
      const expiresAt = room?.policy.expiresAt ?? null;
      if (expiresAt !== null && expiresAt <= clock.now()) room?.close();
    }
    cancelExpiry = clock.after(EXPIRY_CHECK_MS, expire);
  }
  let cancelExpiry = clock.after(EXPIRY_CHECK_MS, expire);

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
    options.observer?.closed?.(id);
    touch(id);
    cluster.releaseRoom(id).catch((error: unknown) => logger.error({ err: error }, 'a room could not be released'));
    logger.info({ roomId: id }, 'room is empty');
  }

  function prune(): number {
    store.audit.prune(clock.now() - (options.auditDays ?? 90) * DAY_MS);
    const kept = new Set([...live.keys(), ...(options.keptRooms?.() ?? [])]);
    const count = store.deleteUnusedSince(clock.now() - options.retentionDays * DAY_MS, kept);
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

    list: (page) => store.list(page),

    governor,

    liveRoom: (id) => live.get(id)?.room,

    async create({ id, policy: { password, ...policy } = {}, actor }) {
      const now = clock.now();
      const hostKey = newHostKey();
      const passwordHash = typeof password === 'string' ? await hashPassword(password) : null;
      const record: RoomRecord = {
        id: id ?? randomRoomId(),
        policy: roomPolicy.parse({ ...options.defaults, ...policy, password: passwordHash !== null }),
        passwordHash,
        hostKeyHash: hostKeyHash(hostKey),
        createdAt: now,
        usedAt: now,
      };
      if (!store.insert(record)) {
        throw new AmphiError('wrong-state', `there is a room "${record.id}" already`, { path: 'id' });
      }
      if (actor) createBook(record.id, store, clock).note(actor, 'room.create');
      return { record, hostKey };
    },

    remove(id, actor) {
      lookup(id);
      createBook(id, store, clock).note(actor, 'room.remove');
      store.delete(id);
      live.get(id)?.room?.close();
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
      cancelExpiry();
      for (const { room } of live.values()) room?.close('server-stopping');
    },
  };
}
