import type { CallEnd } from '@amphi/client';
import { Notice } from '../components/notice.tsx';
import { endText } from '../errors.ts';
import { t } from '../i18n/index.ts';
import { navigate } from '../router.ts';
import { Button } from '../ui/button.tsx';

type Props = { room: string; end: CallEnd; onRejoin: () => void };

/** After the call: why it is over, and the way back. */
export function LeftPage({ room, end, onRejoin }: Props) {
  const own = end.reason === 'left';
  return (
    <Notice title={own ? t('left.title') : t('left.ended')} text={own ? t('left.room', { room }) : endText(end)}>
      <Button variant="primary" onClick={onRejoin}>
        {t('left.rejoin')}
      </Button>
      <Button onClick={() => navigate('/')}>{t('left.home')}</Button>
    </Notice>
  );
}
