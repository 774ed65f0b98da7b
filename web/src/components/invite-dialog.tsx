import { t } from '../i18n/index.ts';
import { roomLink } from '../router.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { CopyLink } from './copy-link.tsx';

/** The ways to bring somebody into the room. */
export default function InviteDialog({ room, onClose }: { room: string; onClose: () => void }) {
  const link = roomLink(room);
  return (
    <Dialog title={t('invite.title')} onClose={onClose}>
      <p class="muted">{t('invite.text')}</p>
      <CopyLink room={room} />
      {'share' in navigator && (
        <Button icon="send" onClick={() => void navigator.share({ url: link }).catch(() => undefined)}>
          {t('invite.share')}
        </Button>
      )}
    </Dialog>
  );
}
