import { t } from '../i18n/index.ts';
import { isOn } from '../state/people.ts';
import type { Tile } from '../state/tiles.ts';
import { Icon } from '../ui/icon.tsx';
import { PathBadge } from './path-badge.tsx';
import { QualityIcon } from './quality.tsx';

type Props = { tile: Tile; name: string; speaking: boolean };

/** The line at the foot of a tile: who it is, and how they can be heard and seen. */
export function TilePlate({ tile, name, speaking }: Props) {
  const { person, kind } = tile;
  const muted = kind === 'camera' && !isOn(person, 'microphone');
  return (
    <div class="plate">
      <span class="plate-name">
        {muted && (
          <span class="plate-muted" role="img" aria-label={t('tile.muted')}>
            <Icon name="mic-off" size={16} />
          </span>
        )}
        {kind === 'screen' && <Icon name="screen" size={16} />}
        <span class="plate-text">{name}</span>
        {speaking && <span class="sr-only">{t('tile.speaking')}</span>}
      </span>
      <span class="plate-state">
        {!person.self && <PathBadge path={person.path} />}
        {kind === 'camera' && person.quality !== undefined && <QualityIcon quality={person.quality} />}
      </span>
    </div>
  );
}
