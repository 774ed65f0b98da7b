import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type AdminRoom, type AdminStatus, MAX_ADMIN_ROOMS } from '@amphi/protocol';
import { type Figures, totalOf } from './figures.ts';
import { VERSIONS } from './versions.ts';

const NS_PER_MS = 1_000_000;

/** What the admin page shows, of now. */
export interface StatusReporter {
  read(): Promise<AdminStatus>;
  close(): void;
}

export function createStatusReporter(figures: Figures): StatusReporter {
  const lag = monitorEventLoopDelay({ resolution: 20 });
  lag.enable();
  const startedAt = performance.now();

  return {
    async read() {
      const { stats, traffic } = await figures.media();
      const rooms = roomsOf(figures, traffic);
      const { version, ...relay } = figures.relay();
      const eventLoopLagMs = lag.count > 0 ? Math.max(0, lag.percentile(99) / NS_PER_MS - 20) : 0;
      lag.reset();
      return {
        versions: { ...VERSIONS, ...(version === undefined ? {} : { coturn: version }) },
        uptimeSeconds: (performance.now() - startedAt) / 1000,
        load: {
          cores: availableParallelism(),
          average: loadavg()[0] ?? 0,
          memoryBytes: totalmem(),
          memoryFreeBytes: freemem(),
          rssBytes: process.memoryUsage.rss(),
          eventLoopLagMs,
        },
        relay: { ...relay, urls: [...relay.urls] },
        totals: {
          rooms: rooms.length,
          members: rooms.reduce((sum, { members }) => sum + members, 0),
          sessions: figures.sessions(),
          ...totalOf(traffic),
        },
        workers: stats.workers.map(({ index, pid, port, cpuShare, rssBytes, transports, consumers }) => ({
          ...{ index, pid, port, cpuShare, rssBytes, transports, consumers },
        })),
        workersLost: stats.workersLost,
        rooms: rooms.slice(0, MAX_ADMIN_ROOMS),
      };
    },

    close: () => void lag.disable(),
  };
}

function roomsOf(figures: Figures, traffic: Awaited<ReturnType<Figures['media']>>['traffic']): AdminRoom[] {
  const byId = new Map(traffic.map((room) => [room.roomId, room]));
  const count = (tracks: Record<string, number> = {}) => Object.values(tracks).reduce((sum, value) => sum + value, 0);
  return figures
    .rooms()
    .map((room) => {
      const flow = byId.get(room.id);
      return {
        ...room,
        producers: count(flow?.producers),
        consumers: count(flow?.consumers),
        received: flow?.received ?? 0,
        sent: flow?.sent ?? 0,
        lossReceived: flow?.lossReceived ?? 0,
        lossSent: flow?.lossSent ?? 0,
      };
    })
    .toSorted((a, b) => b.members - a.members || a.id.localeCompare(b.id));
}
