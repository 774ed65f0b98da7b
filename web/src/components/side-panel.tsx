import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { IconButton } from '../ui/button.tsx';

type Props = { title: string; wide?: boolean; onClose: () => void; children: ComponentChildren };

/** A panel beside the stage; on phones over it. Takes the focus when it opens and gives it back when it closes. */
export function SidePanel({ title, wide = false, onClose, children }: Props) {
  const element = useRef<HTMLElement>(null);
  const titleId = useId();
  // Taken while rendering: what is inside may take the focus before the panel's own effect runs.
  const [before] = useState(() => document.activeElement);

  useEffect(() => {
    const panel = element.current;
    if (panel?.contains(document.activeElement) !== true) panel?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [before]);

  return (
    <aside ref={element} class={`panel ${wide ? 'panel-wide' : ''}`} aria-labelledby={titleId} tabIndex={-1}>
      <header class="panel-header">
        <h2 id={titleId}>{title}</h2>
        <IconButton icon="close" label={t('call.close-panel')} variant="quiet" side="bottom" onClick={onClose} />
      </header>
      {children}
    </aside>
  );
}
