import type { MediaStats, RoomTraffic } from '@amphi/media';
import { ROLES, type Role } from '@amphi/protocol';
import type { RoomDirectory, SessionManager } from '@amphi/rooms';
import type { RelayStatus } from './turn/relay.ts';

export type MediaFigures = { stats: MediaStats; traffic: RoomTraffic[] };

/** Where metrics and the admin page have their figures from. What costs nothing is as of now; media is read and kept for a while. */
export interface Figures {
  rooms(): { id: string; members: number; roles: Partial<Record<Role, number>> }[];
  sessions(): number;
  relay(): RelayStatus;
  /** At most {@link MEDIA_MAX_AGE_MS} old; many who ask at once cause one reading. */
  media(): Promise<MediaFigures>;
}

export type FigureSources = {
  directory: Pick<RoomDirectory, 'live'>;
  sessions: Pick<SessionManager, 'size'>;
  relay: { status(): RelayStatus };
  plane: { stats(): Promise<MediaStats>; traffic(): Promise<RoomTraffic[]> };
};

export const ALL_ROLES = Object.keys(ROLES) as Role[];

/** A reading asks the workers once for each transport. */
export const MEDIA_MAX_AGE_MS = 2000;

export function createFigures(sources: FigureSources, now: () => number = () => performance.now()): Figures {
  const { directory, sessions, relay, plane } = sources;
  let kept: { at: number; media: Promise<MediaFigures> } | undefined;

  async function read(): Promise<MediaFigures> {
    const [stats, traffic] = await Promise.all([plane.stats(), plane.traffic()]);
    return { stats, traffic };
  }

  return {
    sessions: () => sessions.size,
    relay: () => relay.status(),

    rooms: () =>
      directory.live().map((room) => {
        const roles: Partial<Record<Role, number>> = {};
        for (const { role, unseen } of room.members()) if (!unseen) roles[role] = (roles[role] ?? 0) + 1;
        return { id: room.id, members: room.size, roles };
      }),

    media() {
      if (kept === undefined || now() - kept.at > MEDIA_MAX_AGE_MS) {
        const media = read();
        kept = { at: now(), media };
        // One that failed is no reading, for the next who asks.
        media.catch(() => (kept = undefined));
      }
      return kept.media;
    },
  };
}

/** All rooms together; loss counts by how much each of them carries. */
export function totalOf(
  traffic: readonly RoomTraffic[],
): Pick<RoomTraffic, 'received' | 'sent' | 'lossReceived' | 'lossSent' | 'transports'> {
  const sum = (value: (room: RoomTraffic) => number) => traffic.reduce((total, room) => total + value(room), 0);
  const received = sum((room) => room.received);
  const sent = sum((room) => room.sent);
  return {
    received,
    sent,
    lossReceived: received > 0 ? sum((room) => room.received * room.lossReceived) / received : 0,
    lossSent: sent > 0 ? sum((room) => room.sent * room.lossSent) / sent : 0,
    transports: {
      udp: sum(({ transports }) => transports.udp),
      tcp: sum(({ transports }) => transports.tcp),
      none: sum(({ transports }) => transports.none),
    },
  };
}
