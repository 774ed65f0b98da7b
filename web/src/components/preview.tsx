import type { LocalMedia, LocalMediaState } from '@amphi/client';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { displayName, mirrorSelf, wantCamera, wantMicrophone } from '../prefs.ts';
import { IconButton } from '../ui/button.tsx';
import { Meter } from '../ui/meter.tsx';
import { Avatar } from './avatar.tsx';

type Props = { local: LocalMedia; state: LocalMediaState; mayPublish: boolean };

/** How the others will see and hear this person, with the switches for both. */
export function Preview({ local, state, mayPublish }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const { camera } = state;
  useEffect(() => {
    if (video.current !== null) video.current.srcObject = camera === null ? null : new MediaStream([camera]);
  }, [camera]);

  const microphone = wantMicrophone.value;
  const wanted = wantCamera.value;
  const toggleMicrophone = () => {
    wantMicrophone.value = !microphone;
    if (microphone) local.closeMicrophone();
    else void local.open({ microphone: true });
  };
  const toggleCamera = () => {
    wantCamera.value = !wanted;
    if (wanted) local.closeCamera();
    else void local.open({ camera: true });
  };

  return (
    <div class="preview" role="group" aria-label={t('prejoin.preview')}>
      <video
        ref={video}
        class={mirrorSelf.value ? 'preview-video video-mirrored' : 'preview-video'}
        autoplay
        playsInline
        muted
        tabIndex={-1}
        hidden={camera === null}
      />
      {camera === null && (
        <div class="preview-empty">
          <Avatar name={displayName.value} />
          <p>
            {mayPublish && wanted && state.cameraProblem === null
              ? t('prejoin.camera-starting')
              : t('prejoin.camera-off')}
          </p>
        </div>
      )}
      <div class="preview-bar" hidden={!mayPublish}>
        <IconButton
          icon={microphone ? 'mic' : 'mic-off'}
          label={microphone ? t('prejoin.mic.off') : t('prejoin.mic.on')}
          class={microphone ? '' : 'is-off'}
          onClick={toggleMicrophone}
        />
        <IconButton
          icon={wanted ? 'camera' : 'camera-off'}
          label={wanted ? t('prejoin.cam.off') : t('prejoin.cam.on')}
          class={wanted ? '' : 'is-off'}
          onClick={toggleCamera}
        />
      </div>
      {microphone && state.microphone !== null && <Meter label={t('device.level')} read={() => local.level()} />}
    </div>
  );
}
