import type { ConnectionStats } from '@amphi/client';
import { locale, t } from '../../i18n/index.ts';
import { bitrate, megabytes, milliseconds, UNKNOWN } from './numbers.ts';
import { Rows } from './rows.tsx';

/** One connection: how it goes and how it is. */
export function ConnectionCard({ connection }: { connection: ConnectionStats }) {
  const { role, state, protocol, localCandidate, remoteCandidate, rttMs, availableOutgoingBps } = connection;
  const language = locale();
  const candidates =
    localCandidate === null || remoteCandidate === null ? UNKNOWN : `${localCandidate} / ${remoteCandidate}`;
  return (
    <article class="card">
      <h4>{t(`stats.role.${role}`)}</h4>
      <Rows
        rows={[
          [t('stats.state'), state],
          [t('stats.protocol'), protocol?.toUpperCase() ?? UNKNOWN],
          [t('stats.candidates'), candidates],
          [t('stats.rtt'), milliseconds(rttMs, language)],
          [t('stats.available'), bitrate(role === 'recv' ? null : availableOutgoingBps, language)],
          [
            t('stats.bytes'),
            `${megabytes(connection.bytesSent, language)} / ${megabytes(connection.bytesReceived, language)}`,
          ],
        ]}
      />
    </article>
  );
}
