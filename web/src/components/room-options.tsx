import { lookupRoom, type PolicyPatch } from '@amphi/client';
import { useState } from 'preact/hooks';
import { codeOf, errorText } from '../errors.ts';
import { t } from '../i18n/index.ts';
import { isRoomId, suggestRoomId } from '../room-input.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Select, Switch, TextField } from '../ui/field.tsx';
import type { NewRoom } from './create-room.tsx';
import { AllowSwitches, GuestRole } from './host/policy-fields.tsx';

const HOUR_MS = 3_600_000;
const EXPIRIES = { never: null, hour: HOUR_MS, day: 24 * HOUR_MS, week: 168 * HOUR_MS, month: 720 * HOUR_MS } as const;
type Expiry = keyof typeof EXPIRIES;

const USUAL = {
  lobby: false,
  locked: false,
  muteOnEntry: false,
  direct: true,
  allowAudio: true,
  allowVideo: true,
  allowScreen: true,
  allowChat: true,
  guestRole: 'speaker',
} as const satisfies PolicyPatch;
type Policy = { -readonly [K in keyof typeof USUAL]: (typeof USUAL)[K] extends boolean ? boolean : string } & {
  guestRole: 'viewer' | 'attendee' | 'speaker';
};

type Props = { onCreate: (room: NewRoom) => Promise<void>; onClose: () => void };

/** The questions that a new room may begin with; all of it but the link can be changed later. */
export default function RoomOptions({ onCreate, onClose }: Props) {
  const [ownName, setOwnName] = useState('');
  const [password, setPassword] = useState('');
  const [expiry, setExpiry] = useState<Expiry>('never');
  const [policy, setPolicy] = useState<Policy>({ ...USUAL });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<{ field: 'name' | 'password' | null; text: string }>();
  const set = (change: Partial<Policy>) => setPolicy({ ...policy, ...change });
  const errorOf = (field: 'name' | 'password') => (error?.field === field ? error.text : undefined);

  const create = async () => {
    const id = suggestRoomId(ownName);
    if (ownName.trim() !== '' && !isRoomId(id)) return setError({ field: 'name', text: t('landing.bad-name') });
    if (password !== '' && password.length < 6) return setError({ field: 'password', text: t('policy.password.bad') });
    setBusy(true);
    setError(undefined);
    const taken = { field: 'name', text: t('landing.taken') } as const;
    try {
      if (id !== '' && (await lookupRoom(undefined, id)) !== null) return setError(taken);
      const time = EXPIRIES[expiry];
      const patch = {
        ...policy,
        ...(password === '' ? {} : { password }),
        ...(time === null ? {} : { expiresAt: Date.now() + time }),
      };
      await onCreate(id === '' ? { policy: patch } : { id, policy: patch });
    } catch (failure) {
      setError(codeOf(failure) === 'wrong-state' ? taken : { field: null, text: errorText(failure) });
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog title={t('create.title')} onClose={onClose} wide>
      <form
        class="options-form"
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <TextField
          label={t('landing.own-link')}
          hint={t('landing.own-link.hint')}
          value={ownName}
          maxLength={64}
          autocomplete="off"
          verbatim
          error={errorOf('name')}
          onInput={setOwnName}
        />
        <section class="settings-section">
          <h3>{t('create.door')}</h3>
          <Switch
            label={t('policy.lobby')}
            hint={t('policy.lobby.hint')}
            checked={policy.lobby}
            onChange={(lobby) => set({ lobby })}
          />
          <Switch
            label={t('policy.locked')}
            hint={t('policy.locked.hint')}
            checked={policy.locked}
            onChange={(locked) => set({ locked })}
          />
          <TextField
            label={t('policy.password')}
            hint={t('policy.password.hint')}
            type="password"
            value={password}
            maxLength={128}
            autocomplete="new-password"
            error={errorOf('password')}
            onInput={setPassword}
          />
          <GuestRole value={policy.guestRole} onChange={(guestRole) => set({ guestRole })} />
        </section>
        <section class="settings-section">
          <h3>{t('create.inside')}</h3>
          <Switch
            label={t('policy.mute-on-entry')}
            checked={policy.muteOnEntry}
            onChange={(muteOnEntry) => set({ muteOnEntry })}
          />
          <AllowSwitches policy={policy} onChange={set} />
          <Switch
            label={t('landing.hide-address')}
            hint={t('landing.hide-address.hint')}
            checked={!policy.direct}
            onChange={(hide) => set({ direct: !hide })}
          />
          <Select
            label={t('create.expiry')}
            value={expiry}
            options={(Object.keys(EXPIRIES) as Expiry[]).map((value) => ({
              value,
              label: t(`create.expiry.${value}`),
            }))}
            onChange={(value) => setExpiry(value as Expiry)}
          />
        </section>
        {error?.field === null && (
          <p class="field-note field-error" role="alert">
            {error.text}
          </p>
        )}
        <div class="dialog-actions">
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" variant="primary" icon="plus" busy={busy} disabled={busy}>
            {t('create.action')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
