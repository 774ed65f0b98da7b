import { useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { playTestTone } from '../media/test-tone.ts';
import { IconButton } from '../ui/button.tsx';

/** Plays a tone on the chosen speaker and says that it does. */
export function SpeakerTest({ speakerId }: { speakerId: string | null }) {
  const [playing, setPlaying] = useState(false);
  const play = async () => {
    setPlaying(true);
    try {
      await playTestTone(speakerId);
    } finally {
      setPlaying(false);
    }
  };
  return (
    <>
      <IconButton
        icon="volume"
        label={t('device.test-speaker')}
        class={playing ? 'is-active' : ''}
        disabled={playing}
        onClick={() => void play()}
      />
      <span class="sr-only" role="status">
        {playing && t('device.testing-speaker')}
      </span>
    </>
  );
}
