import { createRoom } from '@amphi/client';
import { useState } from 'preact/hooks';
import { Notice } from '../components/notice.tsx';
import { errorText } from '../errors.ts';
import { t } from '../i18n/index.ts';
import { isRoomId } from '../room-input.ts';
import { navigate } from '../router.ts';
import { Button } from '../ui/button.tsx';
import { toast } from '../ui/toasts.tsx';

/** There is no such room: it can be opened under its name. */
export function MissingRoom({ room, onCreated }: { room: string; onCreated: () => void }) {
  const [busy, setBusy] = useState(false);
  const possible = isRoomId(room);

  const create = async () => {
    setBusy(true);
    try {
      await createRoom(undefined, { id: room });
      onCreated();
    } catch (error) {
      toast(errorText(error), { urgent: true, icon: 'warning' });
      setBusy(false);
    }
  };

  return (
    <Notice title={t('missing.title', { room })} text={possible ? t('missing.text') : t('missing.bad-name')}>
      {possible && (
        <Button variant="primary" busy={busy} disabled={busy} onClick={() => void create()}>
          {t('missing.create')}
        </Button>
      )}
      <Button onClick={() => navigate('/')}>{t('left.home')}</Button>
    </Notice>
  );
}
