import { z } from 'zod';
import { ROLES } from './permissions.ts';

// What the admin page and the server say to each other, over HTTP below /api/admin.

/** What is exchanged for a session cookie. */
export const adminLogin = z.strictObject({ secret: z.string().min(1).max(200) });

const count = z.number().int().nonnegative();
const bitrate = z.number().nonnegative();
const share = z.number().min(0).max(1);
const roleNames = Object.keys(ROLES) as [keyof typeof ROLES, ...(keyof typeof ROLES)[]];

/** Bits per second from the members and to them, and the share of packets that is lost on the way. */
const flow = { received: bitrate, sent: bitrate, lossReceived: share, lossSent: share };

export const adminRoom = z.object({
  id: z.string(),
  members: count,
  roles: z.partialRecord(z.enum(roleNames), count),
  /** Tracks that members send, and those that they receive. */
  producers: count,
  consumers: count,
  ...flow,
});
export type AdminRoom = z.infer<typeof adminRoom>;

export const adminWorker = z.object({
  index: count,
  pid: count,
  /** UDP and TCP. */
  port: count,
  /** The share of a core that it used lately. */
  cpuShare: share,
  rssBytes: count,
  transports: count,
  consumers: count,
});
export type AdminWorker = z.infer<typeof adminWorker>;

/** All that the admin page shows. */
export const adminStatus = z.object({
  versions: z.object({ amphi: z.string(), node: z.string(), mediasoup: z.string(), coturn: z.string().optional() }),
  uptimeSeconds: z.number().nonnegative(),
  load: z.object({
    cores: count,
    /** Processes that run or wait, over the last minute, as `uptime` says it. */
    average: z.number().nonnegative(),
    memoryBytes: count,
    memoryFreeBytes: count,
    /** Of the server's process, without its workers. */
    rssBytes: count,
    /** How late timers come in milliseconds, 99th percentile since the last time it was asked for. */
    eventLoopLagMs: z.number().nonnegative(),
  }),
  relay: z.object({
    state: z.enum(['off', 'external', 'running', 'failed']),
    urls: z.array(z.string()),
    reason: z.string().optional(),
  }),
  totals: z.object({
    rooms: count,
    members: count,
    sessions: count,
    transports: z.object({ udp: count, tcp: count, none: count }),
    ...flow,
  }),
  workers: z.array(adminWorker),
  /** How often a worker was lost since the start. */
  workersLost: count,
  /** The largest first, at most {@link MAX_ADMIN_ROOMS}. */
  rooms: z.array(adminRoom),
});
export type AdminStatus = z.infer<typeof adminStatus>;

export const MAX_ADMIN_ROOMS = 200;
