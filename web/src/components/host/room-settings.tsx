import type { PolicyPatch, RoomPolicy } from '@amphi/client';
import { useState } from 'preact/hooks';
import { t } from '../../i18n/index.ts';
import { useCall } from '../../state/use-call.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Switch, TextField } from '../../ui/field.tsx';
import { NumberForm } from './number-form.tsx';
import { AllowSwitches, GuestRole } from './policy-fields.tsx';

/** What the room allows, during the call. Everything takes effect at once, for everybody. */
export default function RoomSettings({ onClose }: { onClose: () => void }) {
  const { store, moderate, panels } = useCall();
  const policy = store.policy.value;
  if (policy === null) return null;
  const set = (patch: PolicyPatch) => void moderate.setPolicy(patch);
  return (
    <Dialog title={t('host.settings')} onClose={onClose} wide>
      <section class="settings-section">
        <h3>{t('create.door')}</h3>
        <Switch
          label={t('policy.locked')}
          hint={t('policy.locked.hint')}
          checked={policy.locked}
          onChange={(locked) => set({ locked })}
        />
        <Switch
          label={t('policy.lobby')}
          hint={t('policy.lobby.hint')}
          checked={policy.lobby}
          onChange={(lobby) => set({ lobby })}
        />
        <PasswordForm policy={policy} />
        <GuestRole value={policy.guestRole} onChange={(guestRole) => set({ guestRole })} />
        <NumberForm
          label={t('policy.capacity')}
          bad={t('policy.capacity.bad')}
          max={10_000}
          value={policy.capacity}
          onSave={(capacity) => set({ capacity })}
        />
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
          label={t('policy.direct')}
          hint={t('policy.direct.hint')}
          checked={policy.direct}
          onChange={(direct) => set({ direct })}
        />
        {/* Never longer than the server keeps them, which goes by its own days where there is nothing. */}
        <NumberForm
          label={t('policy.recording-days')}
          hint={t('policy.recording-days.hint')}
          bad={t('policy.recording-days.bad')}
          max={3650}
          value={policy.recordingDays}
          empty={null}
          onSave={(recordingDays) => set({ recordingDays })}
        />
      </section>
      <section class="settings-section settings-links">
        <Button icon="ban" onClick={() => (panels.dialog.value = 'bans')}>
          {t('host.bans')}
        </Button>
        {store.may('audit') && (
          <Button icon="log" onClick={() => (panels.dialog.value = 'audit')}>
            {t('host.audit')}
          </Button>
        )}
      </section>
    </Dialog>
  );
}

function PasswordForm({ policy }: { policy: RoomPolicy }) {
  const { moderate, call } = useCall();
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string>();

  const save = async () => {
    if (password.length < 6) return setError(t('policy.password.bad'));
    if (await moderate.tried(call.moderation.setPolicy({ password }), t('policy.password.done'))) setPassword('');
  };

  return (
    <form
      class="setting-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextField
        label={t('policy.password')}
        type="password"
        value={password}
        maxLength={128}
        autocomplete="new-password"
        verbatim
        error={error}
        hint={policy.password ? t('policy.password.is-set') : undefined}
        onInput={(value) => (setPassword(value), setError(undefined))}
      />
      <Button type="submit" disabled={password === ''}>
        {policy.password ? t('policy.password.change') : t('policy.password.set')}
      </Button>
      {policy.password && (
        <Button
          onClick={() => void moderate.tried(call.moderation.setPolicy({ password: null }), t('policy.password.gone'))}
        >
          {t('policy.password.remove')}
        </Button>
      )}
    </form>
  );
}
