import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { Icon } from './icon.tsx';

type TextProps = {
  label: string;
  value: string;
  onInput: (value: string) => void;
  hint?: string | undefined;
  error?: string | undefined;
  placeholder?: string;
  maxLength?: number;
  autocomplete?: 'name' | 'off' | 'new-password' | 'current-password';
  type?: 'text' | 'password' | 'number';
  disabled?: boolean;
  /** The text is a name for machines: no capitals, no spelling. */
  verbatim?: boolean;
};

/** A text box with its label above, and a hint or an error below that belong to it for screen readers too. */
export function TextField({ label, value, onInput, hint, error, type = 'text', verbatim = false, ...rest }: TextProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...rest}
        id={id}
        // The types of the kinds of inputs exclude each other; what is passed here goes with all.
        type={type as 'text'}
        class="input"
        value={value}
        spellcheck={!verbatim}
        autocapitalize={verbatim ? 'none' : undefined}
        aria-invalid={error !== undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {note !== undefined && (
        <p
          id={`${id}-note`}
          class={error === undefined ? 'field-note' : 'field-note field-error'}
          role={error === undefined ? undefined : 'alert'}
        >
          {note}
        </p>
      )}
    </div>
  );
}

type SelectProps = {
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
  disabled?: boolean;
  children?: ComponentChildren;
};

/** A choice from a list; the browser's own control, which works everywhere and by keyboard. Children go beside it. */
export function Select({ label, value, options, onChange, disabled = false, children }: SelectProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="select-row">
        <div class="select-box">
          <select
            id={id}
            class="input select"
            disabled={disabled}
            value={value}
            onChange={(event) => onChange(event.currentTarget.value)}
          >
            {options.map((option) => (
              <option key={option.value} value={option.value} selected={option.value === value}>
                {option.label}
              </option>
            ))}
          </select>
          <Icon name="chevron" size={18} />
        </div>
        {children}
      </div>
    </div>
  );
}

type SwitchProps = {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  hint?: string;
};

export function Switch({ label, checked, onChange, hint }: SwitchProps) {
  const id = useId();
  return (
    <div class="switch-row">
      <div>
        <label for={id}>{label}</label>
        {hint !== undefined && (
          <p id={`${id}-hint`} class="field-note">
            {hint}
          </p>
        )}
      </div>
      <input
        id={id}
        type="checkbox"
        role="switch"
        class="switch"
        checked={checked}
        aria-checked={checked}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </div>
  );
}
