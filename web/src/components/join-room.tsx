import { useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { fragmentOf, readRoomInput } from '../room-input.ts';
import { navigate, roomPath } from '../router.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';

/** Goes to a room by its name or link. */
export function JoinRoom() {
  const [text, setText] = useState('');
  const [error, setError] = useState<string>();

  const join = () => {
    const room = readRoomInput(text);
    if (room === null) setError(t('landing.bad-name'));
    else navigate(roomPath(room) + fragmentOf(text));
  };

  return (
    <form
      class="join"
      onSubmit={(event) => {
        event.preventDefault();
        join();
      }}
    >
      <TextField
        label={t('landing.room-name')}
        placeholder={t('landing.room-name.hint')}
        value={text}
        error={error}
        autocomplete="off"
        verbatim
        onInput={(value) => (setText(value), setError(undefined))}
      />
      <Button type="submit">{t('landing.join')}</Button>
    </form>
  );
}
