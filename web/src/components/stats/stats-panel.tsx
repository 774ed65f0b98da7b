import type { CallStats } from '@amphi/client';
import { useEffect, useState } from 'preact/hooks';
import { locale, t } from '../../i18n/index.ts';
import { useCall } from '../../state/use-call.ts';
import { ConnectionCard } from './connection-card.tsx';
import { milliseconds } from './numbers.ts';
import { TrackCard } from './track-card.tsx';

const EVERY_MS = 1000;

/** What the browser measures, once a second as long as somebody looks. */
export function StatsPanel() {
  const { call, store } = useCall();
  const [stats, setStats] = useState<CallStats | null>(null);

  useEffect(() => {
    const read = () => {
      // A reading that falls into a reconnect is left out; the next one comes in a second.
      call.stats().then(setStats, () => undefined);
    };
    read();
    const timer = setInterval(read, EVERY_MS);
    return () => clearInterval(timer);
  }, [call]);

  if (stats === null) return <p class="lazy-note">{t('ui.loading')}</p>;
  const names = new Map(store.people.value.map((person) => [person.id, person.name]));
  const received = stats.tracks.filter((track) => track.direction === 'receive');
  const sent = stats.tracks.filter((track) => track.direction === 'send');
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <div class="stats" tabIndex={0} role="region" aria-label={t('stats.title')}>
      <h3>{t('stats.connections')}</h3>
      <p class="stats-line">
        {t('stats.signaling')}: <strong>{milliseconds(stats.signalingRttMs, locale())}</strong>
      </p>
      {stats.connections.map((connection) => (
        <ConnectionCard key={connection.role} connection={connection} />
      ))}
      <h3>{t('stats.received')}</h3>
      {received.length === 0 && <p class="stats-line">{t('stats.none')}</p>}
      {received.map((track) => (
        <TrackCard key={`${track.trackId}-${track.path}`} track={track} name={names.get(track.memberId) ?? ''} />
      ))}
      <h3>{t('stats.sent')}</h3>
      {sent.length === 0 && <p class="stats-line">{t('stats.none')}</p>}
      {sent.map((track) => (
        <TrackCard key={`${track.trackId}-${track.path}`} track={track} name={t('people.you')} />
      ))}
    </div>
  );
}
