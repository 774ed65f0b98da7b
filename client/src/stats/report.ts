/** The members of RTCStats dictionaries (https://www.w3.org/TR/webrtc-stats/) that are read here; all may be missing. */
export type Stat = {
  id: string;
  type: string;
  timestamp: number;
  kind?: 'audio' | 'video';
  mid?: string;
  ssrc?: number;
  rid?: string;
  active?: boolean;
  trackIdentifier?: string;
  codecId?: string;
  mimeType?: string;
  remoteId?: string;
  localId?: string;
  mediaSourceId?: string;
  bytesReceived?: number;
  headerBytesReceived?: number;
  bytesSent?: number;
  headerBytesSent?: number;
  retransmittedBytesSent?: number;
  responsesReceived?: number;
  packetsReceived?: number;
  packetsSent?: number;
  packetsLost?: number;
  fractionLost?: number;
  jitter?: number;
  roundTripTime?: number;
  framesDecoded?: number;
  framesEncoded?: number;
  framesPerSecond?: number;
  frameWidth?: number;
  frameHeight?: number;
  freezeCount?: number;
  concealedSamples?: number;
  nackCount?: number;
  totalSamplesReceived?: number;
  audioLevel?: number;
  qualityLimitationReason?: 'none' | 'cpu' | 'bandwidth' | 'other';
  selectedCandidatePairId?: string;
  dtlsState?: string;
  iceState?: string;
  nominated?: boolean;
  state?: string;
  localCandidateId?: string;
  remoteCandidateId?: string;
  currentRoundTripTime?: number;
  availableOutgoingBitrate?: number;
  candidateType?: 'host' | 'srflx' | 'prflx' | 'relay';
  protocol?: 'udp' | 'tcp';
};

export type Report = ReadonlyMap<string, Stat>;

/** The report with the types above; lib.dom says `any` to its entries. */
export function asReport(report: RTCStatsReport): Report {
  return report as unknown as Report;
}

/** All entries of one type. */
export function ofType(report: Report, type: string): Stat[] {
  return [...report.values()].filter((stat) => stat.type === type);
}

/** The pair of candidates that is in use, and both its ends. */
export function selectedPair(
  report: Report,
): { pair: Stat; local: Stat | undefined; remote: Stat | undefined } | undefined {
  const transport = ofType(report, 'transport').find((stat) => stat.selectedCandidatePairId !== undefined);
  const pair =
    (transport?.selectedCandidatePairId === undefined ? undefined : report.get(transport.selectedCandidatePairId)) ??
    // Firefox has no transport entry.
    ofType(report, 'candidate-pair').find((stat) => stat.nominated === true && stat.state === 'succeeded');
  if (!pair) return undefined;
  const end = (id: string | undefined) => (id === undefined ? undefined : report.get(id));
  return { pair, local: end(pair.localCandidateId), remote: end(pair.remoteCandidateId) };
}

/** What of a received track has been decoded (frames of a video) or taken in (packets of a voice), by its track's id. */
export function receivedByTrack(report: Report): Map<string, number> {
  const counts = new Map<string, number>();
  for (const stat of ofType(report, 'inbound-rtp')) {
    if (stat.trackIdentifier === undefined) continue;
    const count = (stat.kind === 'video' ? stat.framesDecoded : stat.packetsReceived) ?? 0;
    counts.set(stat.trackIdentifier, (counts.get(stat.trackIdentifier) ?? 0) + count);
  }
  return counts;
}
