import { useId, useState } from 'preact/hooks';
import { tw } from '../i18n/watch.ts';
import { Button } from '../ui/button.tsx';
import { Slate } from './slate.tsx';

/** Asks for the password of a private event. */
export function PasswordForm({ wrong, onSubmit }: { wrong: boolean; onSubmit: (password: string) => void }) {
  const [password, setPassword] = useState('');
  const id = useId();
  return (
    <Slate kind="password" title={tw('password')}>
      <form
        class="watch-password"
        onSubmit={(event) => {
          event.preventDefault();
          if (password !== '') onSubmit(password);
        }}
      >
        <label for={id}>{tw('password.label')}</label>
        <input
          id={id}
          class="input"
          type="password"
          autocomplete="off"
          value={password}
          aria-invalid={wrong}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
        {wrong && (
          <p class="field-note field-error" role="alert">
            {tw('password.wrong')}
          </p>
        )}
        <Button type="submit" variant="primary">
          {tw('password.go')}
        </Button>
      </form>
    </Slate>
  );
}
