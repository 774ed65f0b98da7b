import { t } from '../i18n/index.ts';
import { roomLink } from '../router.ts';
import { useCall } from '../state/use-call.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { CopyLink, CopyText } from './copy-link.tsx';
import { hostLink } from './host/host-menu.ts';
import { inviteText } from './invite-text.ts';

/** The ways to bring somebody into the room; for hosts also the link that makes hosts. */
export default function InviteDialog({ room, onClose }: { room: string; onClose: () => void }) {
  const { store } = useCall();
  const link = roomLink(room);
  const forHosts = store.self.value?.role === 'host' ? hostLink(room) : undefined;
  return (
    <Dialog title={t('invite.title')} onClose={onClose}>
      <p class="muted">{inviteText(store.policy.value)}</p>
      <CopyLink room={room} />
      {'share' in navigator && (
        <Button icon="send" onClick={() => void navigator.share({ url: link }).catch(() => undefined)}>
          {t('invite.share')}
        </Button>
      )}
      {forHosts !== undefined && (
        <section class="settings-section">
          <h3>{t('host.link')}</h3>
          <p class="muted">{t('host.link.text')}</p>
          <CopyText text={forHosts} label={t('host.link')} action={t('host.copy-link')} quiet />
        </section>
      )}
    </Dialog>
  );
}
