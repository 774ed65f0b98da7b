import type { MediaPlane, RoomMedia, RoomMediaEvents } from '@amphi/rooms';
import { setLogEventListeners } from 'mediasoup';
import { routerCapabilities, routerCodecs } from './codecs.ts';
import { mediaUnavailable } from './errors.ts';
import { Feed, type FeedOptions } from './feed/feed.ts';
import type { MediaPlaneOptions } from './options.ts';
import { AmphiRoomMedia } from './room-media.ts';
import { readTraffic, type RoomTraffic } from './traffic.ts';
import { type LiveWorker, residentBytes } from './worker-process.ts';
import { WorkerPool } from './worker-pool.ts';

export type WorkerStats = {
  index: number;
  pid: number;
  /** UDP and TCP. */
  port: number;
  routers: number;
  transports: number;
  consumers: number;
  /** CPU time of the process so far, user and system. */
  cpuSeconds: number;
  /** The share of a core that it used lately, 0 to 1. */
  cpuShare: number;
  /** Memory that it has in RAM, in bytes; 0 where the system does not tell. */
  rssBytes: number;
};

export type MediaStats = {
  rooms: number;
  /** How often a worker was lost since the start. */
  workersLost: number;
  workers: WorkerStats[];
};

export type AmphiMediaPlane = MediaPlane & {
  stats(): Promise<MediaStats>;
  /** What flows in each room. Asks the workers about every transport, so not too often. */
  traffic(): Promise<RoomTraffic[]>;
  /** What serves receivers that choose their own payload types. Rejects with `media-unavailable` or `bad-request`. */
  openFeed(options: FeedOptions): Promise<Feed>;
};

/**
 * Starts the media workers. Rejects with one sentence for the operator, which names the configuration key, when the port
 * is taken, the address is not this machine's, or the worker does not start.
 */
export async function createMediaPlane(options: MediaPlaneOptions): Promise<AmphiMediaPlane> {
  const { logger } = options;
  const wildcard = options.listenIp === '0.0.0.0' || options.listenIp === '::';
  if (wildcard && options.announcedAddresses.length === 0) {
    throw new Error(
      `Clients cannot reach ${options.listenIp}: set media.announced to the addresses of this host, or media.listenIp to one of them.`,
    );
  }
  setLogEventListeners({
    // Refused parameters come from clients, who could fill the log with them.
    onwarn: (namespace, message) => logger.debug({ namespace }, message),
    onerror: (namespace, message, error) => logger.warn({ namespace, err: error }, message),
  });

  const codecs = routerCodecs(options.codecs);
  const rtpCapabilities = routerCapabilities(codecs);
  const rooms = new Set<AmphiRoomMedia>();
  let workersLost = 0;

  const pool = await WorkerPool.start(options, {
    lost(worker: LiveWorker) {
      workersLost += 1;
      for (const room of rooms) room.workerLost(worker);
    },
    ready() {
      for (const room of rooms) void room.recover();
    },
  });

  return {
    rtpCapabilities,

    async createRoom(roomId: string, events: RoomMediaEvents): Promise<RoomMedia> {
      const room = new AmphiRoomMedia(roomId, events, {
        ...options,
        routerCodecs: codecs,
        pickWorker: (except) => pool.pick(except),
        onClose: () => rooms.delete(room),
      });
      rooms.add(room);
      try {
        await room.open();
      } catch (error) {
        room.close();
        throw error;
      }
      return room;
    },

    async stats(): Promise<MediaStats> {
      await pool.sample();
      return {
        rooms: rooms.size,
        workersLost,
        workers: await Promise.all(
          pool.live.map(async (live) => ({
            index: live.index,
            pid: live.pid,
            port: live.port,
            routers: live.routers,
            transports: live.members * 2,
            consumers: live.consumers,
            cpuSeconds: live.cpuSeconds,
            cpuShare: live.cpuShare,
            rssBytes: await residentBytes(live.pid),
          })),
        ),
      };
    },

    traffic: () => readTraffic([...rooms].map((room) => room.census())),

    async openFeed(feed: FeedOptions): Promise<Feed> {
      const live = pool.pick();
      if (live === undefined) throw mediaUnavailable();
      return Feed.open(live, options, feed);
    },

    async close(): Promise<void> {
      for (const room of rooms) room.close();
      await pool.close();
    },
  };
}
