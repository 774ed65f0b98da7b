import { t } from '../i18n/index.ts';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import type { Tier } from './tier.ts';

const COVERS = { starting: 'watch.starting', reconnecting: 'watch.reconnecting', empty: 'watch.empty' } as const;

/** The picture of a tier, what covers it when there is none, the sound, and how late it is. */
export function Player({ tier }: { tier: Tier }) {
  const phase = tier.phase.value;
  const muted = tier.muted.value;
  const delay = tier.delayMs.value;
  return (
    <div class="watch-player" data-testid="watch-player" data-phase={phase} data-tier={tier.name}>
      <tier.View />
      {phase !== 'playing' && (
        <div class="watch-cover-all" role="status">
          {phase !== 'empty' && <span class="spinner" aria-hidden="true" />}
          <p>{t(COVERS[phase])}</p>
        </div>
      )}
      {muted ? (
        <button type="button" class="watch-sound" onClick={() => tier.setMuted(false)}>
          <Icon name="volume-off" />
          <span>{t('watch.sound')}</span>
        </button>
      ) : (
        <IconButton class="watch-mute" icon="volume" label={t('watch.mute')} onClick={() => tier.setMuted(true)} />
      )}
      <span class="watch-tier" data-testid="watch-tier">
        {t(`watch.tier.${tier.name}`)}
        {delay !== null && <small> · {t('watch.delay', { ms: delay })}</small>}
      </span>
    </div>
  );
}
