import { hostFragment, hostKeyOf } from '../../credentials.ts';
import { t } from '../../i18n/index.ts';
import { roomLink } from '../../router.ts';
import type { CallContext } from '../../state/use-call.ts';
import type { MenuItem } from '../../ui/menu.tsx';
import { toast } from '../../ui/toasts.tsx';

/** The link that makes a host of whoever has it, where this browser knows the key. */
export function hostLink(room: string): string | undefined {
  const key = hostKeyOf(room);
  return key === undefined ? undefined : roomLink(room) + hostFragment(key);
}

/** What hosts and co-hosts do with the room; empty for everybody else. */
export function hostItems({ room, store, panels, moderate }: CallContext): MenuItem[] {
  const items: MenuItem[] = [];
  if (store.may('policy')) {
    const locked = store.policy.value?.locked === true;
    items.push(
      { label: t('host.settings'), icon: 'settings', onSelect: () => (panels.dialog.value = 'room') },
      {
        label: locked ? t('host.unlock') : t('host.lock'),
        icon: locked ? 'unlock' : 'lock',
        onSelect: () => void moderate.setPolicy({ locked: !locked }),
      },
    );
  }
  if (store.may('moderate')) {
    items.push(
      { label: t('host.mute-all'), icon: 'mic-off', onSelect: () => void moderate.muteAll() },
      { label: t('host.bans'), icon: 'ban', onSelect: () => (panels.dialog.value = 'bans') },
    );
  }
  if (store.may('audit')) {
    items.push({ label: t('host.audit'), icon: 'log', onSelect: () => (panels.dialog.value = 'audit') });
  }
  const link = hostLink(room);
  if (link !== undefined && store.self.value?.role === 'host') {
    items.push({ label: t('host.copy-link'), icon: 'link', onSelect: () => void copy(link) });
  }
  return items;
}

async function copy(link: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(link);
    toast(t('host.copied'), { icon: 'check' });
  } catch {
    // Pages without HTTPS have no clipboard: the person copies by hand.
    prompt(t('host.link'), link);
  }
}
