import { t } from '../i18n/index.ts';
import { useCall } from '../state/use-call.ts';
import { CopyLink } from './copy-link.tsx';
import { inviteText } from './invite-text.ts';

/** What the first person in a room sees: how to bring others in. */
export function AloneCard() {
  const { room, store } = useCall();
  return (
    <aside class="alone" aria-label={t('invite.title')}>
      <h2>{t('invite.alone')}</h2>
      <p>{inviteText(store.policy.value)}</p>
      <CopyLink room={room} />
    </aside>
  );
}
