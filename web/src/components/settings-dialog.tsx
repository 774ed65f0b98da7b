import { useState } from 'preact/hooks';
import { errorText } from '../errors.ts';
import { t } from '../i18n/index.ts';
import { displayName, mirrorSelf, pushToTalk } from '../prefs.ts';
import { useCall } from '../state/use-call.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Switch, TextField } from '../ui/field.tsx';
import { Meter } from '../ui/meter.tsx';
import { LanguageSelect, ThemeSelect } from './appearance.tsx';
import { DeviceSelects } from './device-selects.tsx';
import { SoundMode } from './sound-mode.tsx';

/** Devices, name and appearance, during the call. Everything takes effect at once. */
export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const { local, localState } = useCall();
  return (
    <Dialog title={t('settings.title')} onClose={onClose} wide>
      <section class="settings-section">
        <h3>{t('settings.devices')}</h3>
        <DeviceSelects local={local} state={localState.value} />
        <Meter label={t('device.level')} read={() => local.level()} />
        <SoundMode local={local} state={localState.value} />
      </section>
      <section class="settings-section">
        <h3>{t('settings.you')}</h3>
        <RenameForm />
        <Switch label={t('settings.mirror')} checked={mirrorSelf.value} onChange={(on) => (mirrorSelf.value = on)} />
        <Switch
          label={t('settings.push-to-talk')}
          checked={pushToTalk.value}
          onChange={(on) => (pushToTalk.value = on)}
        />
      </section>
      <section class="settings-section">
        <h3>{t('settings.general')}</h3>
        <ThemeSelect />
        <LanguageSelect />
      </section>
    </Dialog>
  );
}

function RenameForm() {
  const { call } = useCall();
  const [name, setName] = useState(call.selfName ?? '');
  const [error, setError] = useState<string>();

  const rename = async () => {
    try {
      await call.rename(name.trim());
      displayName.value = name.trim();
      setError(undefined);
    } catch (failure) {
      setError(errorText(failure));
    }
  };

  return (
    <form
      class="rename"
      onSubmit={(event) => {
        event.preventDefault();
        void rename();
      }}
    >
      <TextField label={t('prejoin.name')} value={name} maxLength={64} error={error} onInput={setName} />
      <Button type="submit" disabled={name.trim() === '' || name.trim() === call.selfName}>
        {t('settings.rename')}
      </Button>
    </form>
  );
}
