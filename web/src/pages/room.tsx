import { type Call, type CallEnd, createCall, createLocalMedia, type LocalMedia } from '@amphi/client';
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Notice } from '../components/notice.tsx';
import { credentialsFor, forgetHostKey, hostKeyOf, keepPass, takeSecrets } from '../credentials.ts';
import { codeOf, errorText } from '../errors.ts';
import { t } from '../i18n/index.ts';
import { displayName, wantCamera, wantMicrophone } from '../prefs.ts';
import { rememberRoom } from '../recent.ts';
import { navigate } from '../router.ts';
import { captureSettings } from '../state/capture-settings.ts';
import { createCallSession } from '../state/call-session.ts';
import { initialSwitches } from '../state/initial-tracks.ts';
import { useLocalState, useNetwork } from '../state/hooks.ts';
import { Button } from '../ui/button.tsx';
import { toast } from '../ui/toasts.tsx';
import { CallPage } from './call.tsx';
import { LeftPage } from './left.tsx';
import { MissingRoom } from './missing-room.tsx';
import { Prejoin } from './prejoin.tsx';

/** A server that cannot be reached is asked again this often. */
const RETRY_MS = 3000;

type Phase =
  /** `error` is why joining did not work, if it was tried, and `password` what it was tried with. */
  | { name: 'prejoin'; error: unknown; password?: string | undefined }
  | { name: 'call'; session: ReturnType<typeof createCallSession> }
  | { name: 'left'; end: CallEnd };

/** Everything that happens under a room's link: before the call, in it, and after it. */
export function RoomPage({ room }: { room: string }) {
  const local = useMemo(() => createLocalMedia(), []);
  const [call, setCall] = useState(() => {
    takeSecrets(room);
    return makeCall(room);
  });
  const [phase, setPhase] = useState<Phase>({ name: 'prejoin', error: null });
  const [connectError, setConnectError] = useState<unknown>(null);
  const typedPassword = useSignal('');
  const state = useLocalState(local);
  const network = useNetwork(call);

  useEffect(() => () => local.close(), [local]);

  useEffect(() => {
    exposeForDebugging(call, local);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    // Only who may come in is given anything to warm; what it finds is in `network`.
    const warm = () => {
      if (call.standing?.admission === 'open' && call.state === 'connected') call.warm().catch(() => undefined);
    };
    call.connect().then(
      () => {
        setConnectError(null);
        warm();
      },
      (error: unknown) => {
        // Leaving while it connects is no error of the next call.
        if (over) return;
        setConnectError(error);
        const code = codeOf(error);
        if (code === 'room-not-found' && hostKeyOf(room) !== undefined) {
          // Also said of a room that is there, when the key is not (any more) its own: without it, it is known which.
          forgetHostKey(room);
          const without = makeCall(room);
          void without
            .connect()
            .then(() => toast(t('door.key-void'), { icon: 'warning' }))
            .catch(() => undefined);
          setCall(without);
        } else if (code === null || code === 'draining') timer = setTimeout(() => setCall(makeCall(room)), RETRY_MS);
      },
    );
    const offs = [
      call.on('standing', warm),
      call.on('self', ({ pass }) => keepPass(room, pass)),
      call.on('ended', ({ reason }) => {
        if (reason === 'removed' || reason === 'banned') keepPass(room, undefined);
      }),
    ];
    return () => {
      over = true;
      for (const off of offs) off();
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
    setCall(makeCall(room));
  };

  const knock = (name: string) => {
    setPhase({ name: 'prejoin', error: null });
    displayName.value = name;
    call.knock(name).catch((error: unknown) => setPhase({ name: 'prejoin', error }));
  };

  const join = (name: string, password?: string) => {
    rememberRoom(room);
    if (call.standing?.name === undefined) displayName.value = name;
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
    const allowed = { microphone: call.may('publish.audio'), camera: call.may('publish.video') };
    const wanted = { microphone: wantMicrophone.value, camera: wantCamera.value };
    const on = initialSwitches(local.state, wanted, call.standing === null ? undefined : allowed);
    const session = createCallSession({ room, call, local, ...on, onEnded });
    const { devices } = session.context;
    setPhase({ name: 'call', session });
    // With the tracks as they are when the connection is there: until then devices open, or are switched off.
    const joined = call
      .connect()
      .then(() => call.join({ name, publish: devices.tracks(), ...(password === undefined ? {} : { password }) }));
    joined.catch((error: unknown) => {
      // Whoever has left meanwhile is not asked back.
      if (!over) {
        keepChoices();
        setPhase({ name: 'prejoin', error, password });
      }
      if (call.state === 'ended') setCall(makeCall(room));
    });
  };

  // Those who wait come in by themselves; a call that ends before anybody joined it is said to have ended.
  const prejoin = phase.name === 'prejoin';
  const joinNow = useRef(join);
  joinNow.current = join;
  useEffect(() => {
    if (!prejoin) return;
    const enter = () => {
      if (call.lobby.state === 'admitted') joinNow.current(call.standing?.name ?? displayName.value.trim());
    };
    const offs = [
      call.on('lobby', enter),
      call.on('ended', (end) => {
        if (end.reason === 'room-closed') setPhase({ name: 'left', end });
        // Whatever else ended what was connected: another attempt finds out how things stand.
        else if (end.reason !== 'left' && call.standing !== null) setCall(makeCall(room));
      }),
    ];
    return () => {
      for (const off of offs) off();
    };
  }, [call, prejoin, room]);

  switch (phase.name) {
    case 'prejoin': {
      const error = phase.error ?? connectError;
      if (codeOf(error) === 'room-not-found') return <MissingRoom room={room} onRetry={again} />;
      if (codeOf(error) === 'unauthorized') {
        return (
          <Notice title={t('left.ended')} text={errorText(error)}>
            <Button onClick={() => navigate('/')}>{t('left.home')}</Button>
          </Notice>
        );
      }
      return (
        <Prejoin
          room={room}
          local={local}
          state={state}
          network={network}
          call={call}
          error={error}
          password={typedPassword}
          triedPassword={phase.password}
          onJoin={join}
          onKnock={knock}
          onGiveUp={again}
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

const makeCall = (room: string): Call => createCall({ room, ...credentialsFor(room) });

async function openDevices(local: LocalMedia, call: Call): Promise<void> {
  const settings = await captureSettings(call);
  // Nobody is asked for devices that would not be used.
  if (call.standing !== null && !call.may('publish.audio') && !call.may('publish.video')) return;
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
