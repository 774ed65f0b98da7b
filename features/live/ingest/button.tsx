import type { ComponentType } from 'preact';
import { useState } from 'preact/hooks';
import type { FeatureContext } from '../../../web/src/ui/feature-view.ts';
import { ingestText } from './text.ts';

/** What the ingest page needs of the app. */
export type IngestContext = Pick<FeatureContext, 'call' | 'locale' | 'errorText' | 'notify'>;

/** Opens the page about what arrives of the stage, which is fetched then. */
export function IngestButton({ context }: { context: IngestContext }) {
  const [page, setPage] = useState<{ Page: ComponentType<{ context: IngestContext; onClose: () => void }> }>();
  const open = () =>
    import('./page.tsx').then(
      ({ IngestPage }) => setPage({ Page: IngestPage }),
      (error: unknown) => context.notify(context.errorText(error)),
    );
  return (
    <>
      <button type="button" class="button button-plain" onClick={() => void open()}>
        <span>{ingestText(context.locale(), 'open')}</span>
      </button>
      {page && <page.Page context={context} onClose={() => setPage(undefined)} />}
    </>
  );
}
