import type { Exceptions } from '@amphi/client';
import { useState } from 'preact/hooks';
import { t } from '../../i18n/index.ts';
import { useCall } from '../../state/use-call.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Select } from '../../ui/field.tsx';

type Right = Exceptions['grant'][number];
type Choice = 'by-role' | 'allow' | 'deny';

const RIGHTS = [
  'publish.audio',
  'publish.video',
  'publish.screen',
  'chat',
  'record',
  'live',
] as const satisfies Right[];

type Props = { memberId: string; name: string; onClose: () => void };

/** What one person may, or may not, beside what the role says. */
export default function RightsDialog({ memberId, name, onClose }: Props) {
  const { store, moderate } = useCall();
  const known = store.people.value.find(({ id }) => id === memberId)?.exceptions;
  const [choices, setChoices] = useState<Record<string, Choice>>(() => choicesOf(known));

  const save = async () => {
    const chosen = (choice: Choice) => RIGHTS.filter((right) => choices[right] === choice);
    if (await moderate.setExceptions(memberId, { grant: chosen('allow'), deny: chosen('deny') })) onClose();
  };

  const options = (['by-role', 'allow', 'deny'] as const).map((value) => ({ value, label: t(`rights.${value}`) }));
  return (
    <Dialog title={t('rights.title', { name })} onClose={onClose}>
      <p class="muted">{t('rights.text')}</p>
      <form
        class="rights-form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {RIGHTS.map((right) => (
          <Select
            key={right}
            label={t(`rights.${right}`)}
            value={choices[right] ?? 'by-role'}
            options={options}
            onChange={(choice) => setChoices({ ...choices, [right]: choice as Choice })}
          />
        ))}
        <div class="dialog-actions">
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" variant="primary">
            {t('policy.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function choicesOf(exceptions: Exceptions | undefined): Record<string, Choice> {
  return Object.fromEntries([
    ...(exceptions?.grant ?? []).map((right) => [right, 'allow'] as const),
    ...(exceptions?.deny ?? []).map((right) => [right, 'deny'] as const),
  ]);
}
