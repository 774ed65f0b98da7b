import { createLocalMedia } from '@amphi/client';
import type { Live } from '@amphi/features/live/client.ts';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { errorText } from '../errors.ts';
import { t } from '../i18n/index.ts';
import { tw } from '../i18n/watch.ts';
import { wantCamera, wantMicrophone } from '../prefs.ts';
import { useLocalState } from '../state/hooks.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Switch } from '../ui/field.tsx';
import { toast } from '../ui/toasts.tsx';

/** A host asks this viewer on stage: a look at one's own devices first, then yes or no. */
export function Invitation({ live, by }: { live: Live; by: string }) {
  const local = useMemo(() => createLocalMedia(), []);
  const state = useLocalState(local);
  const video = useRef<HTMLVideoElement>(null);
  const [busy, setBusy] = useState(false);
  const answered = useRef(false);
  const [camera, microphone] = [wantCamera.value, wantMicrophone.value];

  useEffect(() => () => local.close(), [local]);
  useEffect(() => {
    if (!camera) local.closeCamera();
    if (!microphone) local.closeMicrophone();
    void local.open({ camera, microphone });
  }, [local, camera, microphone]);
  useEffect(() => {
    if (video.current !== null)
      video.current.srcObject = state.camera === null ? null : new MediaStream([state.camera]);
  }, [state.camera]);

  const answer = (accept: boolean) => {
    // A dialog that is taken away closes as one that is dismissed.
    if (answered.current) return;
    answered.current = true;
    setBusy(true);
    live
      .answer(accept)
      .catch((error: unknown) => {
        answered.current = false;
        toast(errorText(error), { icon: 'warning' });
      })
      .finally(() => setBusy(false));
  };

  return (
    <Dialog title={tw('invited', { name: by })} onClose={() => answer(false)}>
      <div class="watch-invitation">
        <p>{tw('invited.text')}</p>
        <video ref={video} class="watch-preview" autoplay playsInline muted aria-label={t('prejoin.preview')} />
        <Switch label={tw('camera')} checked={camera} onChange={(on) => (wantCamera.value = on)} />
        <Switch label={tw('microphone')} checked={microphone} onChange={(on) => (wantMicrophone.value = on)} />
        <div class="live-row">
          <Button variant="primary" busy={busy} onClick={() => answer(true)}>
            {tw('accept')}
          </Button>
          <Button onClick={() => answer(false)}>{tw('decline')}</Button>
        </div>
      </div>
    </Dialog>
  );
}
