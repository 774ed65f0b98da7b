import type { RoomPolicy } from '@amphi/client';
import { t } from '../../i18n/index.ts';
import { Select, Switch } from '../../ui/field.tsx';

type Allows = Pick<RoomPolicy, 'allowAudio' | 'allowVideo' | 'allowScreen' | 'allowChat'>;
type Guest = RoomPolicy['guestRole'];

const ALLOWS = [
  ['allowAudio', 'policy.allow-audio'],
  ['allowVideo', 'policy.allow-video'],
  ['allowScreen', 'policy.allow-screen'],
  ['allowChat', 'policy.allow-chat'],
] as const;

/** What everybody may do, one switch each. */
export function AllowSwitches({ policy, onChange }: { policy: Allows; onChange: (change: Partial<Allows>) => void }) {
  return (
    <fieldset class="policy-allows">
      <legend>{t('policy.who')}</legend>
      <p class="field-note">{t('policy.who.hint')}</p>
      {ALLOWS.map(([key, label]) => (
        <Switch key={key} label={t(label)} checked={policy[key]} onChange={(on) => onChange({ [key]: on })} />
      ))}
    </fieldset>
  );
}

/** What those are who come without a token or a host link. */
export function GuestRole({ value, onChange }: { value: Guest; onChange: (role: Guest) => void }) {
  return (
    <Select
      label={t('policy.guest-role')}
      value={value}
      options={(['speaker', 'attendee', 'viewer'] as const).map((role) => ({
        value: role,
        label: t(`role.${role}.long`),
      }))}
      onChange={(role) => onChange(role as Guest)}
    />
  );
}
