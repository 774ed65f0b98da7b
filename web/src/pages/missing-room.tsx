import { createRoom } from '@amphi/client';
import { useState } from 'preact/hooks';
import { Notice } from '../components/notice.tsx';
import { keepHostKey } from '../credentials.ts';
import { codeOf, errorText } from '../errors.ts';
import { t } from '../i18n/index.ts';
import { isRoomId } from '../room-input.ts';
import { navigate } from '../router.ts';
import { Button } from '../ui/button.tsx';
import { toast } from '../ui/toasts.tsx';

/** There is no such room, or it does not let this person in; the server does not tell which. It can be opened, or tried again. */
export function MissingRoom({ room, onRetry }: { room: string; onRetry: () => void }) {
  const [busy, setBusy] = useState(false);
  const [closed, setClosed] = useState(false);
  const possible = isRoomId(room);

  const create = async () => {
    setBusy(true);
    try {
      const { hostKey } = await createRoom(undefined, { id: room });
      keepHostKey(room, hostKey);
      onRetry();
    } catch (error) {
      // There is one after all.
      if (codeOf(error) === 'wrong-state') setClosed(true);
      else toast(errorText(error), { urgent: true, icon: 'warning' });
      setBusy(false);
    }
  };

  if (closed) {
    return (
      <Notice title={t('missing.closed')} text={t('missing.closed.text')}>
        <Button variant="primary" onClick={onRetry}>
          {t('problem.retry')}
        </Button>
        <Button onClick={() => navigate('/')}>{t('left.home')}</Button>
      </Notice>
    );
  }
  const text = possible ? `${t('missing.text')} ${t('missing.or-closed')}` : t('missing.bad-name');
  return (
    <Notice title={t('missing.title', { room })} text={text}>
      {possible && (
        <Button variant="primary" busy={busy} disabled={busy} onClick={() => void create()}>
          {t('missing.create')}
        </Button>
      )}
      {possible && <Button onClick={onRetry}>{t('problem.retry')}</Button>}
      <Button onClick={() => navigate('/')}>{t('left.home')}</Button>
    </Notice>
  );
}
