import { t } from '../i18n/index.ts';
import { useCall } from '../state/use-call.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Logo } from '../ui/logo.tsx';
import { Pager } from './pager.tsx';

/** The line above the stage: which room, how media travels, and the way to invite. */
export function CallHeader() {
  const { room, store, layout, panels } = useCall();
  const { page, pages } = layout.arrangement.value;
  const path = store.path.value;
  const count = store.people.value.length;
  return (
    <header class="call-header">
      <Logo size={26} />
      <h1 class="call-room" title={room}>
        {room}
      </h1>
      {count > 1 && (
        <span class={`chip chip-${path}`} title={t(`call.path.${path}`)}>
          <Icon name={path === 'direct' ? 'direct' : 'server'} size={16} />
          <span class="chip-text">{t(`tile.${path}`)}</span>
        </span>
      )}
      {store.policy.value?.locked === true && (
        <span class="chip chip-locked" role="img" aria-label={t('host.locked')} title={t('host.locked')}>
          <Icon name="lock" size={16} />
        </span>
      )}
      <span class="call-header-gap" />
      {pages > 1 && <Pager page={page} pages={pages} onPage={(next) => (layout.page.value = next)} />}
      <Button variant="quiet" icon="invite" class="call-invite" onClick={() => (panels.dialog.value = 'invite')}>
        {t('call.invite')}
      </Button>
    </header>
  );
}
