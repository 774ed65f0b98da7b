import type { LocalMedia, LocalMediaState } from '@amphi/client';
import { t } from '../i18n/index.ts';
import { Select } from '../ui/field.tsx';

/** Voice with noise suppression, or music as it is. */
export function SoundMode({ local, state }: { local: LocalMedia; state: LocalMediaState }) {
  const options = [
    { value: 'voice', label: t('audio.voice') },
    { value: 'music', label: t('audio.music') },
  ];
  return (
    <div>
      <Select
        label={t('audio.mode')}
        value={state.music ? 'music' : 'voice'}
        options={options}
        onChange={(mode) => void local.setMusic(mode === 'music')}
      />
      {state.music && <p class="field-note">{t('audio.music.hint')}</p>}
    </div>
  );
}
