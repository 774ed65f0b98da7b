import { createRoom, lookupRoom } from '@amphi/client';
import { useState } from 'preact/hooks';
import { errorText } from '../errors.ts';
import { t } from '../i18n/index.ts';
import { isRoomId, suggestRoomId } from '../room-input.ts';
import { navigate, roomPath } from '../router.ts';
import { Button } from '../ui/button.tsx';
import { Switch, TextField } from '../ui/field.tsx';

/** Opens a room, with an unguessable link unless the person wants one of their own. */
export function CreateRoom() {
  const [ownName, setOwnName] = useState('');
  const [hideAddress, setHideAddress] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();

  const create = async () => {
    const id = suggestRoomId(ownName);
    if (ownName.trim() !== '' && !isRoomId(id)) return setError(t('landing.bad-name'));
    setBusy(true);
    setError(undefined);
    try {
      if (id !== '' && (await lookupRoom(undefined, id)) !== null) return setError(t('landing.taken'));
      const policy = { direct: !hideAddress };
      const room = await createRoom(undefined, id === '' ? { policy } : { id, policy });
      navigate(roomPath(room.id));
    } catch (failure) {
      setError(errorText(failure));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      class="create"
      onSubmit={(event) => {
        event.preventDefault();
        void create();
      }}
    >
      <Button type="submit" variant="primary" icon="plus" class="button-large" busy={busy} disabled={busy}>
        {busy ? t('landing.creating') : t('landing.new')}
      </Button>
      {error !== undefined && (
        <p class="field-note field-error" role="alert">
          {error}
        </p>
      )}
      <details class="options">
        <summary>{t('landing.options')}</summary>
        <TextField
          label={t('landing.own-link')}
          hint={t('landing.own-link.hint')}
          value={ownName}
          maxLength={64}
          autocomplete="off"
          verbatim
          onInput={setOwnName}
        />
        <Switch
          label={t('landing.hide-address')}
          hint={t('landing.hide-address.hint')}
          checked={hideAddress}
          onChange={setHideAddress}
        />
      </details>
    </form>
  );
}
