import { t } from '../i18n/index.ts';
import { useCall } from '../state/use-call.ts';
import { Icon } from '../ui/icon.tsx';

/** Makes a tile large, or lets it go again. */
export function PinButton({ tileKey, name }: { tileKey: string; name: string }) {
  const { layout } = useCall();
  const pinned = layout.pinned.value === tileKey;
  return (
    <button
      type="button"
      class="pin"
      aria-pressed={pinned}
      aria-label={pinned ? t('tile.unpin', { name }) : t('tile.pin', { name })}
      onClick={() => layout.togglePin(tileKey)}
    >
      <Icon name={pinned ? 'unpin' : 'pin'} size={18} />
    </button>
  );
}
