import type { RoomPolicy } from '@amphi/client';
import { useState } from 'preact/hooks';
import { t } from '../../i18n/index.ts';
import { useCall } from '../../state/use-call.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';

/** How long the room's recordings are kept: never longer than the server does, which goes by its own days where there is nothing. */
export function RetentionForm({ policy }: { policy: RoomPolicy }) {
  const { moderate } = useCall();
  const [text, setText] = useState(policy.recordingDays === null ? '' : String(policy.recordingDays));
  const days = text.trim() === '' ? null : Number(text);
  const valid = days === null || (Number.isInteger(days) && days >= 1 && days <= 3650);
  return (
    <form
      class="setting-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (valid) void moderate.setPolicy({ recordingDays: days });
      }}
    >
      <TextField
        label={t('policy.recording-days')}
        type="number"
        value={text}
        hint={t('policy.recording-days.hint')}
        error={valid ? undefined : t('policy.recording-days.bad')}
        onInput={setText}
      />
      <Button type="submit" disabled={!valid || days === policy.recordingDays}>
        {t('policy.save')}
      </Button>
    </form>
  );
}
