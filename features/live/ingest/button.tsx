import { useState } from 'preact/hooks';
import { type IngestContext, IngestPage } from './page.tsx';
import { ingestText } from './text.ts';

/** Opens the page about what arrives of the stage. */
export function IngestButton({ context }: { context: IngestContext }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="button button-plain" onClick={() => setOpen(true)}>
        <span>{ingestText(context.locale(), 'open')}</span>
      </button>
      {open && <IngestPage context={context} onClose={() => setOpen(false)} />}
    </>
  );
}
