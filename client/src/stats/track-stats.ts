import type { MediaPath, Source, TrackStats } from '../types.ts';
import { ofType, type Report, type Stat } from './report.ts';

/** Whose track a report is asked about. */
export type TrackRef = { trackId: string; memberId: string; source: Source; path: MediaPath };

/** The report of the last time, to make rates of counters. */
export type Previous = Report | undefined;

/** Numbers about a track that is received, found by its media track's id. Null when the report does not have it. */
export function receivedStats(
  report: Report,
  previous: Previous,
  ref: TrackRef,
  mediaTrackId: string,
  layer: number | null,
): TrackStats | null {
  const stat = ofType(report, 'inbound-rtp').find((entry) => entry.trackIdentifier === mediaTrackId);
  if (!stat) return null;
  const before = previous?.get(stat.id);
  const lost = grown(stat, before, 'packetsLost');
  const received = grown(stat, before, 'packetsReceived');
  const samples = grown(stat, before, 'totalSamplesReceived');
  return {
    ...ref,
    direction: 'receive',
    bitrateBps: rate(stat, before, 'bytesReceived'),
    loss: share(lost, lost === null || received === null ? null : lost + received),
    jitterMs: stat.jitter === undefined ? null : stat.jitter * 1000,
    ...picture(stat),
    codec: codecOf(report, stat),
    layer: layer === null ? null : String(layer),
    frames: stat.framesDecoded ?? null,
    freezeCount: stat.freezeCount ?? null,
    concealed: stat.kind === 'audio' ? share(grown(stat, before, 'concealedSamples'), samples) : null,
  };
}

/** Numbers about a track that is sent in one or several encodings, found by its mid. */
export function sentStats(report: Report, previous: Previous, ref: TrackRef, mid: string): TrackStats | null {
  const stats = ofType(report, 'outbound-rtp').filter((entry) => entry.mid === mid);
  const top = stats.reduce<Stat | undefined>(
    (a, b) => ((b.frameHeight ?? 0) >= (a?.frameHeight ?? 0) ? b : a),
    undefined,
  );
  if (!top) return null;
  const remotes = stats.flatMap((stat) => (stat.remoteId === undefined ? [] : (report.get(stat.remoteId) ?? [])));
  const bitrates = stats.flatMap((stat) => rate(stat, previous?.get(stat.id), 'bytesSent') ?? []);
  const active = stats.filter((stat) => stat.active !== false);
  return {
    ...ref,
    direction: 'send',
    bitrateBps: bitrates.length > 0 ? bitrates.reduce((a, b) => a + b) : null,
    loss: maximum(remotes.flatMap((stat) => stat.fractionLost ?? [])),
    jitterMs: maximum(remotes.flatMap((stat) => (stat.jitter === undefined ? [] : stat.jitter * 1000))),
    ...picture(top),
    codec: codecOf(report, top),
    layer: stats.length > 1 ? `${active.length}/${stats.length}` : null,
    frames: top.framesEncoded ?? null,
    freezeCount: null,
    concealed: null,
  };
}

function picture(stat: Stat) {
  return {
    width: stat.frameWidth ?? null,
    height: stat.frameHeight ?? null,
    framesPerSecond: stat.framesPerSecond ?? null,
  };
}

function codecOf(report: Report, stat: Stat): string | null {
  const mimeType = stat.codecId === undefined ? undefined : report.get(stat.codecId)?.mimeType;
  return mimeType?.split('/')[1] ?? null;
}

type Counter =
  | 'bytesReceived'
  | 'bytesSent'
  | 'packetsLost'
  | 'packetsReceived'
  | 'concealedSamples'
  | 'totalSamplesReceived';

function grown(stat: Stat, before: Stat | undefined, counter: Counter): number | null {
  const now = stat[counter];
  const then = before?.[counter];
  return now === undefined || then === undefined ? null : Math.max(0, now - then);
}

function rate(stat: Stat, before: Stat | undefined, counter: Counter): number | null {
  const bytes = grown(stat, before, counter);
  const seconds = before ? (stat.timestamp - before.timestamp) / 1000 : 0;
  return bytes === null || seconds <= 0 ? null : Math.round((bytes * 8) / seconds);
}

function share(part: number | null, whole: number | null): number | null {
  if (part === null || whole === null) return null;
  return whole === 0 ? 0 : part / whole;
}

function maximum(values: number[]): number | null {
  return values.length > 0 ? Math.max(...values) : null;
}
