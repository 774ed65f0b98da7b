import { locale, t } from '../i18n/index.ts';
import type { Door } from '../state/door.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';

type Props = { door: Door; onCancel: () => void };

/** In front of the door: what the hosts know, and what they write. */
export function WaitingCard({ door, onCancel }: Props) {
  const { hosts } = door.lobby;
  const names = new Intl.ListFormat(locale(), { type: 'conjunction' }).format(hosts);
  return (
    <div class="door-card" role="status" data-testid="waiting">
      <h2>
        <span class="spinner" aria-hidden="true" />
        {t('door.waiting')}
      </h2>
      <p>{hosts.length > 0 ? t('door.waiting.hosts', { names }) : t('door.waiting.nobody')}</p>
      <p class="muted">{t('door.waiting.devices')}</p>
      <LobbyMessages door={door} />
      <Button onClick={onCancel}>{t('door.cancel')}</Button>
    </div>
  );
}

/** A host said no; it can be asked again. */
export function DeniedCard({ door }: { door: Door }) {
  return (
    <div class="door-card door-denied" role="alert">
      <h2>
        <Icon name="ban" />
        {t('door.denied')}
      </h2>
      <p>{t('door.denied.text')}</p>
      <LobbyMessages door={door} />
    </div>
  );
}

function LobbyMessages({ door: { messages } }: { door: Door }) {
  if (messages.length === 0) return null;
  return (
    <ul class="door-messages" aria-label={t('door.messages')}>
      {messages.map(({ name, text }, index) => (
        <li key={index}>
          <strong>{t('door.message', { name })}</strong>
          <p>{text}</p>
        </li>
      ))}
    </ul>
  );
}
