import type { TrackStats } from '@amphi/client';
import { locale, t } from '../../i18n/index.ts';
import { bitrate, milliseconds, percent, picture, UNKNOWN } from './numbers.ts';
import { Rows } from './rows.tsx';

/** One track in one direction. */
export function TrackCard({ track, name }: { track: TrackStats; name: string }) {
  const language = locale();
  return (
    <article class="card">
      <h4>
        {name} <small>{t(`source.${track.source}`)}</small>
      </h4>
      <Rows
        rows={[
          [t('stats.path'), t(`tile.${track.path}`)],
          [t('stats.bitrate'), bitrate(track.bitrateBps, language)],
          [t('stats.resolution'), picture(track.width, track.height, track.framesPerSecond)],
          [t('stats.codec'), track.codec ?? UNKNOWN],
          [t('stats.layer'), track.layer ?? UNKNOWN],
          [t('stats.loss'), percent(track.loss, language)],
          [t('stats.jitter'), milliseconds(track.jitterMs, language)],
          [t('stats.freezes'), track.freezeCount === null ? UNKNOWN : String(track.freezeCount)],
          [t('stats.concealed'), percent(track.concealed, language)],
        ]}
      />
    </article>
  );
}
