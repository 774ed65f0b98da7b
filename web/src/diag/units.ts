import { d } from '../i18n/diag/index.ts';

/** Bits per second as people say them. */
export function rate(bps: number): string {
  return bps < 1_000_000
    ? d('kilobits', { n: Math.round(bps / 1000) })
    : d('megabits', { n: Math.round(bps / 100_000) / 10 });
}
