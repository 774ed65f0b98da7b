import type { LocalMedia, LocalMediaState, NetworkCheck } from '@amphi/client';
import { useState } from 'preact/hooks';
import { DeviceProblems } from '../components/device-problem.tsx';
import { DeviceSelects } from '../components/device-selects.tsx';
import { NetworkStatus } from '../components/network-check.tsx';
import { Preview } from '../components/preview.tsx';
import { SoundMode } from '../components/sound-mode.tsx';
import { TopBar } from '../components/top-bar.tsx';
import { t } from '../i18n/index.ts';
import { displayName } from '../prefs.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';

type Props = {
  room: string;
  local: LocalMedia;
  state: LocalMediaState;
  network: NetworkCheck;
  /** Why the room cannot be entered now, if so. */
  problem: string | null;
  onJoin: (name: string) => void;
  onRetryDevices: () => void;
};

/** Before the call: how one looks and sounds, whether the network lets media through, and the way in. */
export function Prejoin({ room, local, state, network, problem, onJoin, onRetryDevices }: Props) {
  const [nameMissing, setNameMissing] = useState(false);

  const join = () => {
    const name = displayName.value.trim();
    setNameMissing(name === '');
    if (name !== '') onJoin(name);
  };

  return (
    <div class="page">
      <TopBar />
      <main class="prejoin">
        <div class="prejoin-left">
          <Preview local={local} state={state} />
          <DeviceProblems state={state} onRetry={onRetryDevices} />
        </div>
        <form
          class="prejoin-form"
          onSubmit={(event) => {
            event.preventDefault();
            join();
          }}
        >
          <header>
            <h1>{t('prejoin.title')}</h1>
            <p class="muted">{t('prejoin.room', { room })}</p>
          </header>
          <TextField
            label={t('prejoin.name')}
            placeholder={t('prejoin.name.hint')}
            value={displayName.value}
            maxLength={64}
            autocomplete="name"
            error={nameMissing ? t('prejoin.name.missing') : undefined}
            onInput={(value) => {
              displayName.value = value;
              setNameMissing(false);
            }}
          />
          <Button type="submit" variant="primary" class="button-large">
            {t('prejoin.join')}
          </Button>
          <NetworkStatus check={network} unreachable={problem} />
          <fieldset class="prejoin-devices">
            <legend>{t('settings.devices')}</legend>
            <DeviceSelects local={local} state={state} />
            <SoundMode local={local} state={state} />
          </fieldset>
        </form>
      </main>
    </div>
  );
}
