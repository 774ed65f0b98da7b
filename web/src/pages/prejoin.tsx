import type { Call, LocalMedia, LocalMediaState, NetworkCheck } from '@amphi/client';
import type { Signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { DeviceProblems } from '../components/device-problem.tsx';
import { DeviceSelects } from '../components/device-selects.tsx';
import { NetworkStatus } from '../components/network-check.tsx';
import { Preview } from '../components/preview.tsx';
import { SoundMode } from '../components/sound-mode.tsx';
import { TopBar } from '../components/top-bar.tsx';
import { DeniedCard, WaitingCard } from '../components/waiting-card.tsx';
import { codeOf, errorText } from '../errors.ts';
import { t } from '../i18n/index.ts';
import { displayName } from '../prefs.ts';
import { type Door, useDoor } from '../state/door.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { Icon } from '../ui/icon.tsx';

type Props = {
  room: string;
  call: Call;
  local: LocalMedia;
  state: LocalMediaState;
  network: NetworkCheck;
  /** Why the room cannot be entered now, if so. */
  error: unknown;
  /** What is typed for the room's password; kept by the page, so that it outlives an attempt to join. */
  password: Signal<string>;
  /** The password that `error` speaks of, if one was given. */
  triedPassword: string | undefined;
  onJoin: (name: string, password: string | undefined) => void;
  onKnock: (name: string) => void;
  /** Waits no longer. */
  onGiveUp: () => void;
  onRetryDevices: () => void;
};

/** Before the call: how one looks and sounds, whether the network lets media through, and the way in. */
export function Prejoin({ room, call, local, state, network, error, onRetryDevices, ...act }: Props) {
  const door = useDoor(call);
  // Nobody is asked for devices that would not be used.
  const mayPublish = door.standing === null || call.may('publish.audio') || call.may('publish.video');
  const unreachable = error !== null && ['draining', null].includes(codeOf(error)) ? errorText(error) : null;

  return (
    <div class="page">
      <TopBar />
      <main class="prejoin">
        <div class="prejoin-left">
          <Preview local={local} state={state} mayPublish={mayPublish} />
          {mayPublish && <DeviceProblems state={state} onRetry={onRetryDevices} />}
        </div>
        <div class="prejoin-form">
          <header>
            <h1>{t('prejoin.title')}</h1>
            <p class="muted">{t('prejoin.room', { room })}</p>
          </header>
          <EntryForm door={door} error={error} {...act} />
          {(unreachable !== null || network.state !== 'unknown' || door.standing?.admission === 'open') && (
            <NetworkStatus check={network} unreachable={unreachable} />
          )}
          <fieldset class="prejoin-devices">
            <legend>{t('settings.devices')}</legend>
            <DeviceSelects local={local} state={state} />
            <SoundMode local={local} state={state} />
          </fieldset>
        </div>
      </main>
    </div>
  );
}

type EntryProps = Pick<Props, 'error' | 'password' | 'triedPassword' | 'onJoin' | 'onKnock' | 'onGiveUp'> & {
  door: Door;
};

/** The name, what the room asks for, and the button that the room's door has. */
function EntryForm({ door, error, password, triedPassword, onJoin, onKnock, onGiveUp }: EntryProps) {
  const { standing, lobby } = door;
  const [nameMissing, setNameMissing] = useState(false);
  const [passwordMissing, setPasswordMissing] = useState(false);
  const givenName = standing?.name;
  const admission = standing?.admission ?? 'open';
  const waiting = lobby.state === 'waiting' || lobby.state === 'admitted';
  const code = codeOf(error);

  const enter = () => {
    const name = (givenName ?? displayName.value).trim();
    setNameMissing(name === '');
    if (name === '') return;
    if (admission === 'lobby') {
      onKnock(name);
      return;
    }
    const isMissing = admission === 'password' && password.value === '';
    setPasswordMissing(isMissing);
    if (!isMissing) onJoin(name, admission === 'password' ? password.value : undefined);
  };

  const passwordError = () => {
    if (passwordMissing) return t('door.password.missing');
    return code === 'password' && password.value === triedPassword ? t('door.password.wrong') : undefined;
  };

  return (
    <form
      class="entry-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!waiting) enter();
      }}
    >
      <TextField
        label={t('prejoin.name')}
        placeholder={t('prejoin.name.hint')}
        value={givenName ?? displayName.value}
        maxLength={64}
        autocomplete="name"
        disabled={waiting || givenName !== undefined}
        hint={givenName === undefined ? undefined : t('door.name-given')}
        error={nameMissing ? t('prejoin.name.missing') : undefined}
        onInput={(value) => {
          displayName.value = value;
          setNameMissing(false);
        }}
      />
      {admission === 'password' && (
        <TextField
          label={t('door.password')}
          type="password"
          value={password.value}
          maxLength={128}
          autocomplete="current-password"
          hint={passwordMissing ? undefined : t('door.password.missing')}
          error={passwordError()}
          onInput={(value) => {
            password.value = value;
            setPasswordMissing(false);
          }}
        />
      )}
      <RoleNote door={door} />
      {lobby.state === 'denied' && <DeniedCard door={door} />}
      {waiting ? (
        <WaitingCard door={door} onCancel={onGiveUp} />
      ) : (
        <Button type="submit" variant="primary" class="button-large">
          {admission !== 'lobby' ? t('prejoin.join') : lobby.state === 'denied' ? t('door.again') : t('door.ask')}
        </Button>
      )}
      <Refusal code={code} error={error} />
    </form>
  );
}

/** What the person will be in the room, where that is not the usual. */
function RoleNote({ door: { standing, lobby } }: { door: Door }) {
  if (standing === null || lobby.state !== 'outside') return null;
  const { role, admission } = standing;
  if (role === 'speaker' && admission !== 'lobby') return null;
  const text = role === 'speaker' ? t('door.lobby') : t(`door.as-${role}`);
  const icon = role === 'speaker' ? 'door' : role === 'host' || role === 'cohost' ? 'shield' : 'volume';
  return (
    <p class="door-note">
      <Icon name={icon} />
      {text}
    </p>
  );
}

/** Why the room did not take the person in; what a field or the network check says is not said twice. */
function Refusal({ code, error }: { code: ReturnType<typeof codeOf>; error: unknown }) {
  if (code === null || code === 'password' || code === 'lobby' || code === 'draining') return null;
  return (
    <p class="door-note door-refusal" role="alert">
      <Icon name="warning" />
      {errorText(error)}
    </p>
  );
}
