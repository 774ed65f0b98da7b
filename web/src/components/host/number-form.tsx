import { useState } from 'preact/hooks';
import { t } from '../../i18n/index.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';

type Props<T extends number | null> = {
  label: string;
  hint?: string;
  /** Said of what is no whole number from 1 to `max`. */
  bad: string;
  max: number;
  value: T;
  /** What an empty field stands for; left out where there has to be a number. */
  empty?: T;
  onSave: (value: T | number) => void;
};

/** A setting of the room that is a whole number. */
export function NumberForm<T extends number | null>({ label, hint, bad, max, value, empty, onSave }: Props<T>) {
  const [text, setText] = useState(value === null ? '' : String(value));
  const number = text.trim() === '' && empty !== undefined ? empty : Number(text);
  const valid = number === empty || (Number.isInteger(number) && Number(number) >= 1 && Number(number) <= max);
  return (
    <form
      class="setting-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (valid) onSave(number);
      }}
    >
      <TextField
        label={label}
        type="number"
        value={text}
        hint={hint}
        error={valid ? undefined : bad}
        onInput={setText}
      />
      <Button type="submit" disabled={!valid || number === value}>
        {t('policy.save')}
      </Button>
    </form>
  );
}
