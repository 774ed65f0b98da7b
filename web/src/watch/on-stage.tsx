import { type Call, createLocalMedia } from '@amphi/client';
import { useEffect, useState } from 'preact/hooks';
import { errorText } from '../errors.ts';
import { tw } from '../i18n/watch.ts';
import { CallPage } from '../pages/call.tsx';
import { wantCamera, wantMicrophone } from '../prefs.ts';
import { createCallSession } from '../state/call-session.ts';
import { initialSwitches } from '../state/initial-tracks.ts';
import { toast } from '../ui/toasts.tsx';
import { Slate } from './slate.tsx';

/** Somebody of the audience is on stage: the call itself, over the session that the viewer had. */
export function OnStage({ room, call }: { room: string; call: Call }) {
  const [session, setSession] = useState<ReturnType<typeof createCallSession> | null>(null);

  useEffect(() => {
    const local = createLocalMedia();
    let over = false;
    let made: ReturnType<typeof createCallSession> | undefined;
    const begin = async () => {
      await local.open({ camera: wantCamera.value, microphone: wantMicrophone.value });
      if (over) return;
      const on = initialSwitches(local.state, { microphone: wantMicrophone.value, camera: wantCamera.value });
      made = createCallSession({ room, call, local, ...on, onEnded: () => undefined });
      const publishing = made.context.devices.tracks().map((track) => call.publish(track));
      setSession(made);
      await Promise.all(publishing);
    };
    begin().catch((error: unknown) => toast(errorText(error), { icon: 'warning', urgent: true }));
    return () => {
      over = true;
      made?.close();
      local.close();
    };
  }, [call, room]);

  if (session === null) return <Slate kind="connecting" title={tw('connecting')} />;
  return <CallPage context={session.context} />;
}
