import { featureViews, type FeatureText } from '@amphi/features/views.ts';
import { signal, type ReadonlySignal } from '@preact/signals';
import type { MessageKey } from '../i18n/index.ts';
import type { FeatureContext, FeatureInstance, FeatureView } from '../ui/feature-view.ts';
import type { IconName } from '../ui/icon.tsx';

type View = FeatureView<FeatureText> & { icon: IconName; label: MessageKey };

/** A feature of the call and, once it has been fetched, its instance. */
export type OpenFeature = { view: View; instance: FeatureInstance | null };

/** Of the watch page as it is, so that a preview is what the audience sees. */
const stagePreview = async () => (await import('../watch/watch-page.tsx')).StagePreview;

/** Fetches the features' views for this call; their buttons are there from the start. */
export function openFeatures(context: Omit<FeatureContext<FeatureText>, 'text'>): {
  list: ReadonlySignal<readonly OpenFeature[]>;
  close: () => void;
} {
  const views: readonly View[] = featureViews;
  const list = signal<readonly OpenFeature[]>(views.map((view) => ({ view, instance: null })));
  let closed = false;
  for (const view of views) {
    Promise.all([view.load(), import('../i18n/feature-texts.ts')]).then(
      ([create, { featureText }]) => {
        if (closed) return;
        const instance = create({ ...context, text: featureText, stagePreview });
        list.value = list.value.map((item) => (item.view === view ? { view, instance } : item));
      },
      (error: unknown) => context.notify(context.errorText(error)),
    );
  }
  return {
    list,
    close(): void {
      closed = true;
      for (const { instance } of list.value) instance?.close();
    },
  };
}
