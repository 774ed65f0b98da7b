import { Notice } from '../components/notice.tsx';
import { t } from '../i18n/index.ts';
import { navigate } from '../router.ts';
import { Button } from '../ui/button.tsx';

export function UnknownPage() {
  return (
    <Notice title={t('unknown.title')} text={t('unknown.text')}>
      <Button variant="primary" onClick={() => navigate('/')}>
        {t('unknown.home')}
      </Button>
    </Notice>
  );
}
