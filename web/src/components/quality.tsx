import type { Quality } from '@amphi/client';
import { t } from '../i18n/index.ts';

const BARS = { good: 3, fair: 2, poor: 1 } as const;

/** How a connection is, and why, in words. */
export function qualityText(quality: Quality): string {
  const level = t(`quality.${quality.level}`);
  return quality.reason === undefined
    ? level
    : t('quality.with-reason', { level, reason: t(`quality.${quality.reason}`) });
}

/** Three bars for the quality of a connection; the words are in the name and under the pointer. */
export function QualityIcon({ quality }: { quality: Quality }) {
  const text = qualityText(quality);
  return (
    <span class={`quality quality-${quality.level}`} role="img" aria-label={text} title={text}>
      {[1, 2, 3].map((bar) => (
        <i key={bar} class={bar <= BARS[quality.level] ? 'on' : ''} />
      ))}
    </span>
  );
}
