import { t } from '../i18n/index.ts';
import { IconButton } from '../ui/button.tsx';

type Props = { page: number; pages: number; onPage: (page: number) => void };

/** Turns the pages of the stage. */
export function Pager({ page, pages, onPage }: Props) {
  return (
    <nav class="pager" aria-label={t('call.page', { page: page + 1, pages })}>
      <IconButton
        side="bottom"
        icon="left"
        label={t('call.previous-page')}
        disabled={page === 0}
        onClick={() => onPage(page - 1)}
      />
      <span aria-hidden="true">
        {page + 1} / {pages}
      </span>
      <IconButton
        side="bottom"
        icon="right"
        label={t('call.next-page')}
        disabled={page + 1 >= pages}
        onClick={() => onPage(page + 1)}
      />
    </nav>
  );
}
