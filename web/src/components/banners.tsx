import type { ComponentChildren } from 'preact';
import { t } from '../i18n/index.ts';
import { useCall } from '../state/use-call.ts';
import { Button } from '../ui/button.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';

function Banner({ icon, tone, children }: { icon: IconName; tone: 'plain' | 'warning'; children: ComponentChildren }) {
  return (
    <div class={`banner banner-${tone}`} role="status">
      <Icon name={icon} />
      {children}
    </div>
  );
}

/** What has to be known as long as it lasts: over the stage, one below the other. */
export function Banners() {
  const { store, audio, share, devices, features } = useCall();
  const state = store.state.value;
  return (
    <div class="banners">
      {features.value.map(({ view, instance }) => instance?.Banner && <instance.Banner key={view.id} />)}
      {state === 'reconnecting' && (
        <Banner icon="wifi" tone="warning">
          <span>{t('call.reconnecting')}</span>
        </Banner>
      )}
      {(state === 'joining' || state === 'connecting') && (
        <Banner icon="wifi" tone="plain">
          <span>{t('call.joining')}</span>
        </Banner>
      )}
      {audio.blocked.value && (
        <Banner icon="volume" tone="warning">
          <span>{t('call.hear')}</span>
          <Button variant="primary" onClick={() => void audio.resume()}>
            {t('call.hear.click')}
          </Button>
        </Banner>
      )}
      {share.sharing.value && (
        <Banner icon="screen" tone="plain">
          <span>{t('call.sharing')}</span>
        </Banner>
      )}
      {devices.talking.value && (
        <Banner icon="mic" tone="plain">
          <span>{t('call.push-to-talk')}</span>
        </Banner>
      )}
    </div>
  );
}
