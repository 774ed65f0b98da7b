import type { Ban } from '@amphi/client';
import { useEffect, useState } from 'preact/hooks';
import { errorText } from '../../errors.ts';
import { locale, t } from '../../i18n/index.ts';
import { useCall } from '../../state/use-call.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Avatar } from '../avatar.tsx';

/** Who is not let in any more, and the way back for them. */
export default function BansDialog({ onClose }: { onClose: () => void }) {
  const { call, moderate } = useCall();
  const [bans, setBans] = useState<Ban[] | null>(null);
  const [error, setError] = useState<string>();

  useEffect(() => {
    call.moderation.bans().then(setBans, (failure: unknown) => setError(errorText(failure)));
  }, [call]);

  const unban = async (id: string) => {
    if (await moderate.tried(call.moderation.unban(id))) setBans((all) => all?.filter((ban) => ban.id !== id) ?? null);
  };

  return (
    <Dialog title={t('host.bans')} onClose={onClose}>
      {error !== undefined && <p role="alert">{error}</p>}
      {bans === null && error === undefined && <p class="lazy-note">{t('ui.loading')}</p>}
      {bans?.length === 0 && <p class="muted">{t('host.bans.none')}</p>}
      <ul class="bans">
        {bans?.map(({ id, name, by, at }) => (
          <li key={id} class="person">
            <Avatar name={name} small />
            <span class="person-name">
              <span class="person-text">{name}</span>
              <small>
                {t('host.bans.line', {
                  by,
                  when: new Date(at).toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'short' }),
                })}
              </small>
            </span>
            <Button aria-label={t('host.unban.name', { name })} onClick={() => void unban(id)}>
              {t('host.unban')}
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
