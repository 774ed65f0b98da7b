import type { DeviceInfo } from '@amphi/client';
import { t } from '../i18n/index.ts';
import type { IconName } from '../ui/icon.tsx';
import { errorText } from '../errors.ts';
import type { CallContext } from '../state/use-call.ts';
import type { MenuItem } from '../ui/menu.tsx';
import { toast } from '../ui/toasts.tsx';
import { deviceLabels } from '../device-labels.ts';
import { hostItems } from './host/host-menu.ts';
import { isFullscreen, toggleFullscreen } from './fullscreen.ts';

/** The choices of how tiles are laid out. */
export function layoutItems({ layout }: CallContext): MenuItem[] {
  const { mode, pinned } = layout;
  const items: MenuItem[] = [
    {
      label: t('layout.grid'),
      icon: 'layout',
      checked: mode.value === 'grid' && pinned.value === null,
      onSelect: () => layout.setMode('grid'),
    },
    {
      label: t('layout.speaker'),
      icon: 'speaker',
      checked: mode.value === 'speaker' && pinned.value === null,
      onSelect: () => layout.setMode('speaker'),
    },
  ];
  const pin = pinned.value;
  if (pin !== null) items.push({ label: t('layout.unpin'), icon: 'unpin', onSelect: () => layout.togglePin(pin) });
  return items;
}

/** All devices there are, the ones in use marked. */
export function deviceItems({ local, localState }: CallContext): MenuItem[] {
  const { microphones, cameras, speakers, microphoneId, cameraId, speakerId } = localState.value;
  const items = (
    kind: string,
    devices: readonly DeviceInfo[],
    icon: IconName,
    current: string | null,
    select: (id: string) => unknown,
  ): MenuItem[] =>
    deviceLabels(devices).map(({ id, label }) => ({
      id: `${kind}-${id}`,
      label,
      icon,
      checked: id === current,
      onSelect: () => void select(id),
    }));
  return [
    ...items('microphone', microphones, 'mic', microphoneId, (id) => local.selectMicrophone(id)),
    ...items('camera', cameras, 'camera', cameraId, (id) => local.selectCamera(id)),
    ...items('speaker', speakers, 'volume', speakerId, (id) => local.selectSpeaker(id)),
  ];
}

/** What is used less; on narrow screens also what has no room in the toolbar. */
export function moreItems(context: CallContext, compact: boolean): MenuItem[] {
  const { panels, pip, store } = context;
  const narrow: MenuItem[] = [
    {
      label: t('call.people'),
      icon: 'people',
      badge: store.waiting.value.length > 0 ? store.waiting.value.length : store.people.value.length,
      onSelect: () => panels.togglePanel('people'),
    },
    ...layoutItems(context),
    ...hostItems(context),
  ];
  const floating: MenuItem = {
    label: pip.active.value ? t('more.pip.exit') : t('more.pip'),
    icon: 'pip',
    onSelect: () => {
      (pip.active.value ? pip.stop() : pip.start()).catch((error: unknown) =>
        toast(t('toast.failed', { reason: error instanceof Error ? error.message : errorText(error) })),
      );
    },
  };
  return [
    ...(compact ? narrow : []),
    { label: t('more.statistics'), icon: 'stats', onSelect: () => panels.togglePanel('statistics') },
    { label: t('more.settings'), icon: 'settings', onSelect: () => (panels.dialog.value = 'settings') },
    {
      label: isFullscreen.value ? t('more.fullscreen.exit') : t('more.fullscreen'),
      icon: 'fullscreen',
      keys: 'F',
      onSelect: () => void toggleFullscreen(),
    },
    ...(pip.available ? [floating] : []),
    ...(compact
      ? []
      : [
          {
            label: t('more.keys'),
            icon: 'keyboard',
            keys: '?',
            onSelect: () => (panels.dialog.value = 'keys'),
          } as const,
        ]),
  ];
}
