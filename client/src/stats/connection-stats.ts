import type { ConnectionStats } from '../types.ts';
import { ofType, type Report, selectedPair } from './report.ts';

/** Numbers about one connection; `state` is its RTCPeerConnection's. */
export function connectionStats(report: Report, role: ConnectionStats['role'], state: string): ConnectionStats {
  const selected = selectedPair(report);
  const sum = (counter: 'bytesSent' | 'bytesReceived') =>
    ofType(report, 'transport').reduce((total, stat) => total + (stat[counter] ?? 0), 0) ||
    (selected?.pair[counter] ?? 0);
  const rtt = selected?.pair.currentRoundTripTime;
  return {
    path: role === 'direct' ? 'direct' : 'sfu',
    role,
    state,
    protocol: selected?.local?.protocol ?? null,
    localCandidate: selected?.local?.candidateType ?? null,
    remoteCandidate: selected?.remote?.candidateType ?? null,
    rttMs: rtt === undefined ? null : rtt * 1000,
    availableOutgoingBps: selected?.pair.availableOutgoingBitrate ?? null,
    bytesSent: sum('bytesSent'),
    bytesReceived: sum('bytesReceived'),
  };
}
