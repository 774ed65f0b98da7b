import { useId, useState } from 'preact/hooks';
import { ta } from '../i18n/admin.ts';
import { Button } from '../ui/button.tsx';
import { Logo } from '../ui/logo.tsx';
import { problem, signIn } from './state.ts';

/** Asks for the admin secret. */
export function SignIn() {
  const [secret, setSecret] = useState('');
  const [busy, setBusy] = useState(false);
  const id = useId();
  const wrong = problem.value;

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    await signIn(secret.trim());
    setBusy(false);
  };

  return (
    <main class="admin-door">
      <form class="admin-door-card" onSubmit={(event) => void submit(event)}>
        <Logo size={48} />
        <h1>{ta('title')}</h1>
        <p class="muted">{ta('sign-in.lead')}</p>
        {/* What password managers file the secret under. */}
        <input type="text" autocomplete="username" value="admin" readOnly hidden />
        <div class="field">
          <label for={id}>{ta('sign-in.secret')}</label>
          <input
            id={id}
            class="input"
            type="password"
            autocomplete="current-password"
            maxLength={200}
            value={secret}
            aria-invalid={wrong !== undefined}
            aria-describedby={`${id}-note`}
            onInput={(event) => setSecret(event.currentTarget.value)}
          />
          <p
            id={`${id}-note`}
            class={wrong === undefined ? 'field-note' : 'field-note field-error'}
            role={wrong === undefined ? undefined : 'alert'}
          >
            {ta(wrong === undefined ? 'sign-in.hint' : `sign-in.${wrong}`)}
          </p>
        </div>
        <Button type="submit" variant="primary" busy={busy} disabled={busy || secret.trim() === ''}>
          {ta('sign-in.button')}
        </Button>
      </form>
    </main>
  );
}
