import type { MediaPath } from '@amphi/client';
import { t } from '../i18n/index.ts';
import { Icon } from '../ui/icon.tsx';

/** Says how somebody's media travels now. */
export function PathBadge({ path }: { path: MediaPath }) {
  return (
    <span class={`path path-${path}`} title={t(`tile.${path}.long`)}>
      <Icon name={path === 'direct' ? 'direct' : 'server'} size={14} />
      <span class="path-text">{t(`tile.${path}`)}</span>
    </span>
  );
}
