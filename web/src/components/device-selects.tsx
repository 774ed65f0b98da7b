import type { DeviceInfo, LocalMedia, LocalMediaState } from '@amphi/client';
import { t } from '../i18n/index.ts';
import { deviceLabels } from '../device-labels.ts';
import { Select } from '../ui/field.tsx';
import { SpeakerTest } from './speaker-test.tsx';

type Props = { local: LocalMedia; state: LocalMediaState };

/** The devices as choices. `fallback` stands for a device that was not chosen, or that there is none. */
function optionsOf(devices: readonly DeviceInfo[], current: string | null, fallback: string) {
  const options = deviceLabels(devices).map(({ id, label }) => ({ value: id, label }));
  if (options.some((option) => option.value === current)) return options;
  return [{ value: '', label: fallback }, ...options];
}

/** The choice of camera, microphone and speaker. */
export function DeviceSelects({ local, state }: Props) {
  const { cameras, microphones, speakers, cameraId, microphoneId, speakerId } = state;
  const none = (devices: readonly DeviceInfo[]) => (devices.length === 0 ? t('device.none') : t('device.default'));
  return (
    <>
      <Select
        label={t('device.camera')}
        value={cameraId ?? ''}
        options={optionsOf(cameras, cameraId, none(cameras))}
        disabled={cameras.length === 0}
        onChange={(id) => void local.selectCamera(id)}
      />
      <Select
        label={t('device.microphone')}
        value={microphoneId ?? ''}
        options={optionsOf(microphones, microphoneId, none(microphones))}
        disabled={microphones.length === 0}
        onChange={(id) => void local.selectMicrophone(id)}
      />
      <Select
        label={t('device.speaker')}
        value={speakerId ?? ''}
        options={optionsOf(speakers, speakerId, t('device.system-speaker'))}
        disabled={speakers.length === 0}
        onChange={(id) => local.selectSpeaker(id)}
      >
        <SpeakerTest speakerId={speakerId} />
      </Select>
    </>
  );
}
