import { createRoom, type PolicyPatch } from '@amphi/client';
import { useState } from 'preact/hooks';
import { keepHostKey } from '../credentials.ts';
import { errorText } from '../errors.ts';
import { t } from '../i18n/index.ts';
import { navigate, roomPath } from '../router.ts';
import { Button } from '../ui/button.tsx';
import { lazy } from '../ui/lazy.tsx';

const RoomOptions = lazy(async () => (await import('./room-options.tsx')).default);

export type NewRoom = { id?: string; policy?: PolicyPatch };

/** Makes a room and goes into it as its host. Rejects with what the server says. */
async function openRoom(room: NewRoom): Promise<void> {
  const { id, hostKey } = await createRoom(undefined, room);
  keepHostKey(id, hostKey);
  navigate(roomPath(id));
}

/** Opens a room with an unguessable link at once, or another one after some questions. */
export function CreateRoom() {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();

  const create = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await openRoom({});
    } catch (failure) {
      setError(errorText(failure));
    } finally {
      setBusy(false);
    }
  };

  return (
    <div class="create">
      <Button
        variant="primary"
        icon="plus"
        class="button-large"
        busy={busy}
        disabled={busy}
        onClick={() => void create()}
      >
        {busy ? t('landing.creating') : t('landing.new')}
      </Button>
      {error !== undefined && (
        <p class="field-note field-error" role="alert">
          {error}
        </p>
      )}
      <Button variant="quiet" icon="settings" aria-haspopup="dialog" onClick={() => setAsking(true)}>
        {t('landing.options')}
      </Button>
      {asking && <RoomOptions onCreate={openRoom} onClose={() => setAsking(false)} />}
    </div>
  );
}
