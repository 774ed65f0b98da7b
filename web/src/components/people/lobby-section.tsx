import type { Waiting } from '@amphi/client';
import { useState } from 'preact/hooks';
import { locale, t } from '../../i18n/index.ts';
import { useCall } from '../../state/use-call.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Avatar } from '../avatar.tsx';

/** Those who wait to be let in, the first to come first. */
export function LobbySection({ people }: { people: readonly Waiting[] }) {
  const { moderate } = useCall();
  /** To whom a message is being written: an id, or everybody. */
  const [writingTo, setWritingTo] = useState<string | null>(null);
  const toggle = (to: string) => setWritingTo(writingTo === to ? null : to);
  const title = t('lobby.title', { count: people.length });
  return (
    <section class="lobby" aria-label={title}>
      <h3>{title}</h3>
      <ul>
        {people.map(({ id, name, since }) => (
          <li key={id} class="lobby-person" data-testid="waiting-person" data-name={name}>
            <div class="lobby-line">
              <Avatar name={name} small />
              <span class="person-name">
                <span class="person-text">{name}</span>
                <small>
                  <time dateTime={new Date(since).toISOString()}>
                    {new Date(since).toLocaleTimeString(locale(), { timeStyle: 'short' })}
                  </time>
                </small>
              </span>
              <IconButton
                icon="chat"
                variant="quiet"
                side="bottom"
                label={t('lobby.write', { name })}
                aria-expanded={writingTo === id}
                onClick={() => toggle(id)}
              />
              <IconButton
                icon="close"
                variant="quiet"
                side="bottom"
                label={t('lobby.deny.name', { name })}
                onClick={() => void moderate.deny(id)}
              />
              <IconButton
                icon="check"
                variant="quiet"
                side="bottom"
                class="lobby-admit"
                label={t('lobby.admit.name', { name })}
                onClick={() => void moderate.admit([id])}
              />
            </div>
            {writingTo === id && <LobbyForm id={id} label={t('lobby.message', { name })} />}
          </li>
        ))}
      </ul>
      {people.length > 1 && (
        <div class="lobby-all">
          <Button variant="primary" icon="check" onClick={() => void moderate.admit(people.map(({ id }) => id))}>
            {t('lobby.admit-all')}
          </Button>
          <IconButton
            icon="chat"
            side="bottom"
            label={t('lobby.write-all')}
            aria-expanded={writingTo === 'all'}
            onClick={() => toggle('all')}
          />
        </div>
      )}
      {writingTo === 'all' && people.length > 1 && <LobbyForm label={t('lobby.message-all')} />}
    </section>
  );
}

function LobbyForm({ id, label }: { id?: string; label: string }) {
  const { moderate } = useCall();
  const [text, setText] = useState('');
  return (
    <form
      class="lobby-form"
      onSubmit={(event) => {
        event.preventDefault();
        const written = text.trim();
        if (written === '') return;
        setText('');
        void moderate.write(written, id);
      }}
    >
      <input
        class="input"
        value={text}
        maxLength={500}
        aria-label={label}
        placeholder={label}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- it was just opened to be written in
        autoFocus
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" disabled={text.trim() === ''}>
        {t('lobby.send')}
      </Button>
    </form>
  );
}
