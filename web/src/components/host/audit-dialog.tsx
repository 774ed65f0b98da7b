import type { AuditEntry } from '@amphi/client';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { errorText } from '../../errors.ts';
import { locale, t, translate, type MessageKey } from '../../i18n/index.ts';
import { en } from '../../i18n/en.ts';
import { useCall } from '../../state/use-call.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { toast } from '../../ui/toasts.tsx';
import { auditCsv, auditJson, saveFile } from './audit-export.ts';

const PAGE = 50;
const EXPORT_PAGE = 200;

/** Who did what in this room, the latest first, to be read and to be kept. */
export default function AuditDialog({ onClose }: { onClose: () => void }) {
  const { call, room } = useCall();
  const [entries, setEntries] = useState<AuditEntry[]>([]);
  const [more, setMore] = useState<boolean | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();

  const load = useCallback(
    async (before?: number) => {
      try {
        const next = await call.moderation.audit({ limit: PAGE, ...(before === undefined ? {} : { before }) });
        setEntries((known) => [...known, ...next]);
        setMore(next.length === PAGE);
      } catch (failure) {
        setError(errorText(failure));
      }
    },
    [call],
  );
  useEffect(() => void load(), [load]);

  const save = async (kind: 'csv' | 'json') => {
    setBusy(true);
    try {
      const all: AuditEntry[] = [];
      for (let before: number | undefined; ; before = all.at(-1)?.id) {
        const next = await call.moderation.audit({ limit: EXPORT_PAGE, ...(before === undefined ? {} : { before }) });
        all.push(...next);
        if (next.length < EXPORT_PAGE) break;
      }
      if (kind === 'csv') saveFile(`${room}-log.csv`, 'text/csv;charset=utf-8', auditCsv(all));
      else saveFile(`${room}-log.json`, 'application/json', auditJson(all));
    } catch (failure) {
      toast(t('toast.failed', { reason: errorText(failure) }), { urgent: true, icon: 'warning' });
    }
    setBusy(false);
  };

  return (
    <Dialog title={t('host.audit.title')} onClose={onClose} wide>
      {error !== undefined && <p role="alert">{error}</p>}
      {more === null && error === undefined && <p class="lazy-note">{t('ui.loading')}</p>}
      {more === false && entries.length === 0 && <p class="muted">{t('host.audit.none')}</p>}
      {entries.length > 0 && (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
        <ol class="audit" tabIndex={0} aria-label={t('host.audit.title')}>
          {entries.map((entry) => (
            <li key={entry.id}>
              <time dateTime={new Date(entry.at).toISOString()}>
                {new Date(entry.at).toLocaleString(locale(), { dateStyle: 'short', timeStyle: 'medium' })}
              </time>
              <p>
                <strong>{entry.actorName || entry.actor}</strong> {actionText(entry)}
                {detailsText(entry) !== '' && <small>{detailsText(entry)}</small>}
              </p>
            </li>
          ))}
        </ol>
      )}
      {more === true && <Button onClick={() => void load(entries.at(-1)?.id)}>{t('host.audit.more')}</Button>}
      {entries.length > 0 && (
        <div class="dialog-actions">
          <Button icon="log" disabled={busy} onClick={() => void save('csv')}>
            {t('host.audit.csv')}
          </Button>
          <Button disabled={busy} onClick={() => void save('json')}>
            {t('host.audit.json')}
          </Button>
        </div>
      )}
    </Dialog>
  );
}

function actionText({ action, target, targetName, details }: AuditEntry): string {
  const name = action === 'moderate.remove' && details?.['ban'] === true ? 'moderate.ban' : action;
  const key = `action.${name}`;
  // A newer server may know actions that this page does not.
  if (!Object.hasOwn(en, key)) return [action, targetName || target].filter(Boolean).join(' ');
  return translate(key as MessageKey, { target: targetName || target || '' });
}

/** What was set, in the form in which it was sent. */
function detailsText({ action, details }: AuditEntry): string {
  if (details === undefined || action === 'moderate.remove') return '';
  return Object.entries(details)
    .map(([key, value]) => `${key}: ${Array.isArray(value) ? value.join(', ') || '–' : String(value)}`)
    .join(' · ');
}
