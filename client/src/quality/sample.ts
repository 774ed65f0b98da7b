import { ofType, type Report, selectedPair, type Stat } from '../stats/report.ts';
import type { Sample } from './quality.ts';

type Counters = { packetsReceived: number; packetsLost: number };

/** What must be remembered from one sample to the next. */
export type SampleMemory = ReadonlyMap<string, Counters>;

/** Reports of the connections that carry media now: both SFU transports, or the direct one. */
export type SampleInput = {
  sending: Report | null;
  receiving: Report | null;
  /** What all videos together are meant to have, bits per second. */
  wantedUp: number;
  starved: number;
  watched: number;
};

/** Makes a {@link Sample} of reports and of what the last ones counted. */
export function takeSample(input: SampleInput, memory: SampleMemory): { sample: Sample; memory: SampleMemory } {
  const next = new Map<string, Counters>();
  let lost = 0;
  let packets = 0;
  for (const stat of input.receiving ? ofType(input.receiving, 'inbound-rtp') : []) {
    // mediasoup's own stream for trying out the bandwidth, which is meant to lose.
    if (stat.mid === 'probator') continue;
    const now = { packetsReceived: stat.packetsReceived ?? 0, packetsLost: stat.packetsLost ?? 0 };
    const before = memory.get(stat.id) ?? now;
    next.set(stat.id, now);
    // Late packets count as received after they counted as lost: a difference below zero is no loss.
    const newlyLost = Math.max(0, now.packetsLost - before.packetsLost);
    lost += newlyLost;
    packets += newlyLost + Math.max(0, now.packetsReceived - before.packetsReceived);
  }
  const sending = input.sending;
  const outbound = sending ? ofType(sending, 'outbound-rtp').filter((stat) => stat.active !== false) : [];
  const ends = [sending, input.receiving].flatMap((report) => (report ? [selectedPair(report)] : []));
  const up = sending ? selectedPair(sending) : undefined;
  return {
    memory: next,
    sample: {
      lossUp: sending ? lossUp(sending) : null,
      // Of a handful of packets one lost is no rate.
      lossDown: packets >= 20 ? lost / packets : null,
      rttMs: largest(ends.map((end) => milliseconds(end?.pair.currentRoundTripTime))),
      tcp: ends.some((end) => end?.local?.protocol === 'tcp'),
      limitedBy: limitation(outbound),
      availableUp: up?.pair.availableOutgoingBitrate ?? null,
      wantedUp: input.wantedUp,
      starved: input.starved,
      watched: input.watched,
    },
  };
}

function lossUp(report: Report): number | null {
  const losses = ofType(report, 'remote-inbound-rtp').flatMap((stat) => stat.fractionLost ?? []);
  return losses.length > 0 ? Math.max(...losses) : null;
}

/** Only the smallest layers running is a limit; that the largest one pauses alone shows in its own entry. */
function limitation(outbound: readonly Stat[]): Sample['limitedBy'] {
  const reasons = new Set(outbound.flatMap((stat) => stat.qualityLimitationReason ?? []));
  if (reasons.has('cpu')) return 'cpu';
  return reasons.has('bandwidth') ? 'bandwidth' : 'none';
}

function milliseconds(seconds: number | undefined): number | null {
  return seconds === undefined ? null : seconds * 1000;
}

function largest(values: (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length > 0 ? Math.max(...known) : null;
}
