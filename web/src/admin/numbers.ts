import { ta } from '../i18n/admin.ts';
import { locale } from '../i18n/index.ts';

function rounded(value: number): string {
  // Three figures say as much as one can read at a glance.
  const maximumFractionDigits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return new Intl.NumberFormat(locale(), { maximumFractionDigits }).format(value);
}

/** Bits per second in the unit that fits. */
export function bitrate(bits: number): string {
  if (bits >= 1e9) return ta('unit.gigabits', { value: rounded(bits / 1e9) });
  if (bits >= 1e6) return ta('unit.megabits', { value: rounded(bits / 1e6) });
  if (bits >= 1e3) return ta('unit.kilobits', { value: rounded(bits / 1e3) });
  return ta('unit.bits', { value: rounded(bits) });
}

export function bytes(count: number): string {
  if (count >= 1e9) return ta('unit.gigabytes', { value: rounded(count / 1e9) });
  return ta('unit.megabytes', { value: rounded(count / 1e6) });
}

/** A share of 0 to 1 in percent. */
export function percent(share: number, digits = 0): string {
  return new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: digits }).format(share);
}

/** Milliseconds, to a tenth. */
export function milliseconds(ms: number): string {
  return ta('unit.ms', { value: new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 }).format(ms) });
}

/** How long something has lasted, in the largest unit of which there are two at least. */
export function duration(seconds: number): string {
  if (seconds >= 2 * 86_400) return ta('time.days', { count: Math.floor(seconds / 86_400) });
  if (seconds >= 2 * 3600) return ta('time.hours', { count: Math.floor(seconds / 3600) });
  if (seconds >= 2 * 60) return ta('time.minutes', { count: Math.floor(seconds / 60) });
  return ta('time.seconds', { count: Math.floor(seconds) });
}

export function decimal(value: number): string {
  return rounded(value);
}
