import type { Quality } from '@amphi/protocol';

/** What one second showed; null where nothing was measured. */
export type Sample = {
  /** Share of packets lost on the way to the other end and from it, 0 to 1. */
  lossUp: number | null;
  lossDown: number | null;
  rttMs: number | null;
  tcp: boolean;
  /** Why the encoder holds back. */
  limitedBy: 'none' | 'cpu' | 'bandwidth' | 'other';
  /** Bits per second that the network takes, and that the video is meant to have. */
  availableUp: number | null;
  wantedUp: number | null;
  /** Videos that come in fewer pixels than their tiles ask for, and all that are wanted. */
  starved: number;
  watched: number;
};

type Verdict = { level: 'good' | 'fair' | 'poor'; reason?: NonNullable<Quality['reason']> };

const RANK = { good: 0, fair: 1, poor: 2 } as const;
/** So many samples in a row must be worse, or better, before it is said. */
const WORSE_AFTER = 3;
const BETTER_AFTER = 6;

/** What one sample says by itself: the worst of its findings, the most telling first. */
export function judge(sample: Sample): Quality {
  const findings: Verdict[] = [
    byLoss(sample.lossUp, 'loss-up'),
    byLoss(sample.lossDown, 'loss-down'),
    slowUp(sample),
    slowDown(sample),
    sample.rttMs === null || sample.rttMs <= 400
      ? { level: 'good' }
      : { level: sample.rttMs > 1000 ? 'poor' : 'fair', reason: 'latency' },
    sample.limitedBy === 'cpu' ? { level: 'fair', reason: 'cpu' } : { level: 'good' },
    sample.tcp ? { level: 'fair', reason: 'tcp' } : { level: 'good' },
  ];
  const worst = findings.reduce((a, b) => (RANK[b.level] > RANK[a.level] ? b : a));
  return worst.level === 'good' ? { level: 'good' } : worst;
}

function byLoss(loss: number | null, reason: 'loss-up' | 'loss-down'): Verdict {
  if (loss === null || loss < 0.03) return { level: 'good' };
  return { level: loss >= 0.1 ? 'poor' : 'fair', reason };
}

function slowUp({ limitedBy, availableUp, wantedUp }: Sample): Verdict {
  // The estimate alone says little: it does not grow while there is little to send.
  if (limitedBy !== 'bandwidth') return { level: 'good' };
  const share = availableUp !== null && wantedUp !== null && wantedUp > 0 ? availableUp / wantedUp : 1;
  if (share < 0.25 || (availableUp ?? Infinity) < 150_000) return { level: 'poor', reason: 'slow-up' };
  return share < 0.6 ? { level: 'fair', reason: 'slow-up' } : { level: 'good' };
}

function slowDown({ starved, watched }: Sample): Verdict {
  if (watched === 0 || starved === 0) return { level: 'good' };
  return { level: starved === watched && watched > 1 ? 'poor' : 'fair', reason: 'slow-down' };
}

/** What was said last, and what the latest samples have in common that speaks for saying something else. */
export type History = { said: Quality; worse: Quality[]; better: number };

export const START: History = { said: { level: 'good' }, worse: [], better: 0 };

/**
 * Takes one more sample. The level changes only after several samples in a row agree, so that one lost packet does not
 * make it flicker; the reason is the one of the latest sample.
 */
export function track(history: History, sample: Sample): History {
  const now = judge(sample);
  const { said } = history;
  if (RANK[now.level] > RANK[said.level]) {
    const worse = [...history.worse, now];
    if (worse.length < WORSE_AFTER) return { said, worse, better: 0 };
    // No worse than the mildest of them.
    const mildest = worse.reduce((a, b) => (RANK[b.level] < RANK[a.level] ? b : a));
    return { said: mildest, worse: [], better: 0 };
  }
  if (RANK[now.level] < RANK[said.level]) {
    const better = history.better + 1;
    return better < BETTER_AFTER ? { said, worse: [], better } : { said: now, worse: [], better: 0 };
  }
  return { said: now.reason === said.reason ? said : now, worse: [], better: 0 };
}

/** Whether two qualities say the same. */
export function sameQuality(a: Quality, b: Quality): boolean {
  return a.level === b.level && a.reason === b.reason;
}
