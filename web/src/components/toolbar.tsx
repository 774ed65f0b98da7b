import { t } from '../i18n/index.ts';
import { isCompact } from '../state/screen-size.ts';
import { useCall } from '../state/use-call.ts';
import { IconButton } from '../ui/button.tsx';
import { Menu } from '../ui/menu.tsx';
import { hostItems } from './host/host-menu.ts';
import { deviceItems, layoutItems, moreItems } from './menus.ts';
import { PanelButtons } from './panel-buttons.tsx';

const onApple = /Mac|iPhone|iPad/.test(navigator.userAgent);
const withControl = (key: string) => (onApple ? `⌘${key}` : `Ctrl+${key}`);

/** The arrow keys move among the controls, as in every toolbar; Tab does too. */
function moveFocus(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const toolbar = event.currentTarget;
  if (step === undefined || !(toolbar instanceof Element)) return;
  const buttons = [...toolbar.querySelectorAll<HTMLButtonElement>('.icon-button')];
  const at = buttons.findIndex((button) => button === document.activeElement);
  if (at !== -1) buttons.at((at + step) % buttons.length)?.focus();
}

/** The controls of the call. On narrow screens what is used less is in the menu. */
export function Toolbar() {
  const context = useCall();
  const { devices, share, store, leave } = context;
  const microphone = devices.microphoneOn.value;
  const camera = devices.cameraOn.value;
  const sharing = share.sharing.value;
  const compact = isCompact.value;
  const hostMenu = compact ? [] : hostItems(context);
  return (
    <div class="toolbar" role="toolbar" tabIndex={-1} aria-label={t('call.controls')} onKeyDown={moveFocus}>
      <IconButton
        icon={microphone ? 'mic' : 'mic-off'}
        label={microphone ? t('call.mute') : t('call.unmute')}
        keys={withControl('D')}
        class={microphone ? '' : 'is-off'}
        reason={store.may('publish.audio') ? undefined : t('no-right.microphone')}
        onClick={() => void devices.setMicrophone(!microphone)}
      />
      <IconButton
        icon={camera ? 'camera' : 'camera-off'}
        label={camera ? t('call.stop-camera') : t('call.start-camera')}
        keys={withControl('E')}
        class={camera ? '' : 'is-off'}
        reason={store.may('publish.video') ? undefined : t('no-right.camera')}
        onClick={() => void devices.setCamera(!camera)}
      />
      {!compact && (
        <Menu icon="chevron-up" label={t('call.devices')} class="devices-button" items={deviceItems(context)} />
      )}
      {share.available && (
        <IconButton
          icon={sharing ? 'screen-off' : 'screen'}
          label={sharing ? t('call.stop-share') : t('call.share')}
          class={sharing ? 'is-active' : ''}
          reason={sharing || store.may('publish.screen') ? undefined : t('no-right.screen')}
          onClick={() => void (sharing ? share.stop() : share.start())}
        />
      )}
      <span class="toolbar-gap" />
      <PanelButtons compact={compact} />
      {!compact && <Menu icon="layout" label={t('call.layout')} items={layoutItems(context)} />}
      {hostMenu.length > 0 && <Menu icon="shield" label={t('host.controls')} items={hostMenu} />}
      <Menu
        icon="more"
        label={t('call.more')}
        items={moreItems(context, compact)}
        class={compact && store.waiting.value.length > 0 ? 'news-badge' : ''}
        badge={compact && store.waiting.value.length > 0 ? store.waiting.value.length : null}
      />
      <span class="toolbar-gap" />
      <IconButton icon="leave" label={t('call.leave')} variant="danger" class="leave" onClick={leave} />
    </div>
  );
}
