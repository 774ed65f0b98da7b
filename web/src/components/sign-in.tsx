import type { SessionInfo } from '@amphi/protocol';
import { useEffect, useState } from 'preact/hooks';
import { fetchAccount, signInPath, signOut } from '../account.ts';
import { t } from '../i18n/index.ts';
import { Button } from '../ui/button.tsx';

/** The way to sign in, or who is; nothing where the operator has no provider. */
export function SignIn() {
  const [session, setSession] = useState<SessionInfo | null>(null);

  useEffect(() => void fetchAccount().then(setSession), []);

  if (session === null || session.signIn === null) return null;
  if (session.account === null) {
    return (
      <a class="button button-quiet" href={signInPath(session.signIn, location.pathname)}>
        {t('account.sign-in')}
      </a>
    );
  }
  const leave = () => void signOut().then(() => location.reload());
  return (
    <Button variant="quiet" title={session.account.name ?? undefined} onClick={leave}>
      {t('account.sign-out')}
    </Button>
  );
}
