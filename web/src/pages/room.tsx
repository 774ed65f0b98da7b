import { type Call, type CallEnd, createCall, createLocalMedia, type LocalMedia } from '@amphi/client';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { codeOf, errorText } from '../errors.ts';
import { displayName, wantCamera, wantMicrophone } from '../prefs.ts';
import { rememberRoom } from '../recent.ts';
import { captureSettings } from '../state/capture-settings.ts';
import { createCallSession } from '../state/call-session.ts';
import { initialSwitches } from '../state/initial-tracks.ts';
import { useLocalState, useNetwork } from '../state/hooks.ts';
import { CallPage } from './call.tsx';
import { LeftPage } from './left.tsx';
import { MissingRoom } from './missing-room.tsx';
import { Prejoin } from './prejoin.tsx';

/** A server that cannot be reached is asked again this often. */
const RETRY_MS = 3000;

type Phase =
  /** `error` is why joining did not work, if it was tried. */
  | { name: 'prejoin'; error: unknown }
  | { name: 'call'; session: ReturnType<typeof createCallSession> }
  | { name: 'left'; end: CallEnd };

/** Everything that happens under a room's link: before the call, in it, and after it. */
export function RoomPage({ room }: { room: string }) {
  const local = useMemo(() => createLocalMedia(), []);
  const [call, setCall] = useState(() => createCall({ room }));
  const [phase, setPhase] = useState<Phase>({ name: 'prejoin', error: null });
  const [connectError, setConnectError] = useState<unknown>(null);
  const state = useLocalState(local);
  const network = useNetwork(call);

  useEffect(() => () => local.close(), [local]);

  useEffect(() => {
    exposeForDebugging(call, local);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    call.connect().then(
      () => {
        setConnectError(null);
        return call.warm().catch(() => undefined); // What it found is in `network`.
      },
      (error: unknown) => {
        // Leaving while it connects is no error of the next call.
        if (over) return;
        setConnectError(error);
        const code = codeOf(error);
        if (code === null || code === 'draining') timer = setTimeout(() => setCall(createCall({ room })), RETRY_MS);
      },
    );
    return () => {
      over = true;
      clearTimeout(timer);
      void call.leave().catch(() => undefined);
    };
  }, [call, local, room]);

  // Once, and not with every new attempt to reach the server: nobody is asked for the camera every few seconds.
  const [firstCall] = useState(call);
  useEffect(() => void openDevices(local, firstCall), [local, firstCall]);

  useEffect(() => (phase.name === 'call' ? () => phase.session.close() : undefined), [phase]);

  const again = () => {
    setConnectError(null);
    setPhase({ name: 'prejoin', error: null });
    setCall(createCall({ room }));
  };

  const join = (name: string) => {
    rememberRoom(room);
    displayName.value = name;
    let over = false;
    const keepChoices = () => {
      // Whoever comes back finds microphone and camera as they were.
      wantMicrophone.value = devices.microphoneOn.value;
      wantCamera.value = devices.cameraOn.value;
    };
    const onEnded = (end: CallEnd) => {
      over = true;
      keepChoices();
      // First of all, or the session would take the closing of the devices for somebody pulling a plug.
      session.close();
      local.closeCamera();
      local.closeMicrophone();
      setPhase({ name: 'left', end });
    };
    const on = initialSwitches(local.state, { microphone: wantMicrophone.value, camera: wantCamera.value });
    const session = createCallSession({ room, call, local, ...on, onEnded });
    const { devices } = session.context;
    setPhase({ name: 'call', session });
    // With the tracks as they are when the connection is there: until then devices open, or are switched off.
    const joined = call.connect().then(() => call.join({ name, publish: devices.tracks() }));
    joined.catch((error: unknown) => {
      // Whoever has left meanwhile is not asked back.
      if (!over) {
        keepChoices();
        setPhase({ name: 'prejoin', error });
      }
      if (call.state === 'ended') setCall(createCall({ room }));
    });
  };

  switch (phase.name) {
    case 'prejoin': {
      const error = phase.error ?? connectError;
      if (codeOf(error) === 'room-not-found') return <MissingRoom room={room} onCreated={again} />;
      return (
        <Prejoin
          room={room}
          local={local}
          state={state}
          network={network}
          problem={error === null ? null : errorText(error)}
          onJoin={join}
          onRetryDevices={() => void openDevices(local, call)}
        />
      );
    }
    case 'call':
      return <CallPage context={phase.session.context} />;
    case 'left':
      return (
        <LeftPage
          room={room}
          end={phase.end}
          onRejoin={() => {
            again();
            void openDevices(local, call);
          }}
        />
      );
  }
}

async function openDevices(local: LocalMedia, call: Call): Promise<void> {
  const settings = await captureSettings(call);
  await local.open({ camera: wantCamera.value, microphone: wantMicrophone.value, ...(settings && { settings }) });
}

declare global {
  interface Window {
    /** A handle for debugging: the current call and devices, as the client SDK documents them. */
    amphi?: { call: ReturnType<typeof createCall>; localMedia: LocalMedia };
  }
}

function exposeForDebugging(call: ReturnType<typeof createCall>, localMedia: LocalMedia): void {
  window.amphi = { call, localMedia };
}
