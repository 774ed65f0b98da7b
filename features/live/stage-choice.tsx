import type { ComponentType } from 'preact';
import { useState } from 'preact/hooks';
import type { StagePreviewProps } from '../../web/src/ui/feature-view.ts';
import { Select } from '../../web/src/ui/field.tsx';
import { LAYOUTS, type LiveEvent, type StageLayout } from './client.ts';
import { Act, attempt, type Props } from './parts.tsx';

/** How the audience sees the stage: the choice, and a look at it. */
export function StageChoice({ context, live, event }: Props & { event: LiveEvent }) {
  const [Preview, setPreview] = useState<ComponentType<StagePreviewProps> | null>(null);
  const { stagePreview } = context;
  return (
    <section class="live-section">
      <Select
        label={context.text('live.layout')}
        value={event.layout}
        options={LAYOUTS.map((layout) => ({ value: layout, label: context.text(`live.layout.${layout}`) }))}
        onChange={(layout) => void attempt(context, live.setLayout(layout as StageLayout))}
      />
      {Preview !== null && (
        <div class="live-preview" data-testid="live-preview">
          <Preview call={context.call} layout={event.layout} />
        </div>
      )}
      {stagePreview !== undefined && (
        <Act
          context={context}
          run={async () => {
            const loaded = Preview === null ? await stagePreview() : null;
            setPreview(() => loaded);
          }}
        >
          {context.text(Preview === null ? 'live.preview' : 'live.preview.hide')}
        </Act>
      )}
    </section>
  );
}
