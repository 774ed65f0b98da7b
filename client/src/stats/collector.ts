import type { types } from 'mediasoup-client';
import type { Direct } from '../direct/direct.ts';
import type { Sfu } from '../media/sfu.ts';
import type { Members } from '../room/members.ts';
import type { Signaling } from '../signaling/signaling.ts';
import type { CallStats, ConnectionStats, TrackStats } from '../types.ts';
import { connectionStats } from './connection-stats.ts';
import { asReport, type Report } from './report.ts';
import { receivedStats, sentStats } from './track-stats.ts';

export type CollectorOptions = {
  signaling: Signaling;
  sfu: Sfu;
  direct: Direct;
  members: Members;
  selfId(): string | null;
};

type Role = ConnectionStats['role'];

/** Makes {@link CallStats}; remembers the last reports, to make rates of their counters. */
export class StatsCollector {
  #options: CollectorOptions;
  #previous = new Map<Role, Report>();

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  async collect(): Promise<CallStats> {
    const { signaling, sfu, direct } = this.#options;
    void signaling.ping();
    const { connection } = direct;
    const { send, recv } = sfu.transports ?? {};
    const [sent, received, both] = await Promise.all([
      reportOf(send),
      reportOf(recv),
      connection?.pc.getStats().then(asReport, () => null),
    ]);
    const connections: ConnectionStats[] = [];
    if (send && sent) connections.push(connectionStats(sent, 'send', send.connectionState));
    if (recv && received) connections.push(connectionStats(received, 'recv', recv.connectionState));
    if (connection && both) connections.push(connectionStats(both, 'direct', connection.pc.connectionState));
    const reports: Partial<Record<Role, Report>> = {};
    if (sent) reports.send = sent;
    if (received) reports.recv = received;
    if (both) reports.direct = both;
    const tracks = [...this.#publications(reports), ...this.#remotes(reports)];
    for (const [role, report] of Object.entries(reports)) this.#previous.set(role as Role, report);
    return { at: Date.now(), tracks, connections, signalingRttMs: signaling.rttMs };
  }

  #publications(reports: Partial<Record<Role, Report>>): TrackStats[] {
    const { sfu, direct } = this.#options;
    const memberId = this.#options.selfId() ?? '';
    return [...sfu.publications.bySource.values()].flatMap((publication) => {
      const path = direct.live ? 'direct' : 'sfu';
      const role = path === 'direct' ? 'direct' : 'send';
      const report = reports[role];
      const mid = path === 'direct' ? direct.connection?.mids.get(publication.id) : publication.producer?.localId;
      if (!report || mid === undefined) return [];
      const ref = { trackId: publication.id, memberId, source: publication.source, path } as const;
      return sentStats(report, this.#previous.get(role), ref, mid) ?? [];
    });
  }

  #remotes(reports: Partial<Record<Role, Report>>): TrackStats[] {
    const { sfu, direct, members } = this.#options;
    return [...members.tracks()].flatMap((track) => {
      const { id: trackId, memberId, source, path } = track;
      const role = path === 'direct' ? 'direct' : 'recv';
      const report = reports[role];
      const media =
        path === 'direct' ? direct.connection?.tracks.get(trackId) : sfu.subscriptions.of(trackId)?.consumer?.track;
      if (!report || !media) return [];
      const layer = path === 'direct' || track.info.spatialLayers < 2 ? null : track.layer;
      return (
        receivedStats(report, this.#previous.get(role), { trackId, memberId, source, path }, media.id, layer) ?? []
      );
    });
  }
}

async function reportOf(transport: types.Transport | null | undefined): Promise<Report | null> {
  if (!transport || transport.closed) return null;
  return transport.getStats().then(asReport, () => null);
}
