/** What is shown where a number is not known. */
export const UNKNOWN = '–';

const number = (value: number, locale: string, digits: number) =>
  new Intl.NumberFormat(locale, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value);

/** Bits per second, as kbit/s or Mbit/s. */
export function bitrate(bps: number | null, locale: string): string {
  if (bps === null) return UNKNOWN;
  return bps >= 1_000_000 ? `${number(bps / 1_000_000, locale, 2)} Mbit/s` : `${number(bps / 1000, locale, 0)} kbit/s`;
}

/** 0 to 1 as per cent. */
export function percent(share: number | null, locale: string): string {
  return share === null ? UNKNOWN : `${number(share * 100, locale, 1)} %`;
}

export function milliseconds(ms: number | null, locale: string): string {
  return ms === null ? UNKNOWN : `${number(ms, locale, 0)} ms`;
}

export function megabytes(bytes: number, locale: string): string {
  return `${number(bytes / 1_000_000, locale, 1)} MB`;
}

export function picture(width: number | null, height: number | null, fps: number | null): string {
  if (width === null || height === null) return UNKNOWN;
  return fps === null ? `${width}×${height}` : `${width}×${height}@${Math.round(fps)}`;
}
