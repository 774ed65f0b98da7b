import { featureViews, type FeatureText } from '@amphi/features/views.ts';
import { signal, type ReadonlySignal } from '@preact/signals';
import type { MessageKey } from '../i18n/index.ts';
import type { FeatureContext, FeatureInstance, FeatureView } from '../ui/feature-view.ts';
import type { IconName } from '../ui/icon.tsx';

type View = FeatureView<FeatureText> & { icon: IconName; label: MessageKey };

/** A feature of the call and, once it has been fetched, its instance. */
export type OpenFeature = { view: View; instance: FeatureInstance | null };

/** Fetches the features' views for this call; their buttons are there from the start. */
export function openFeatures(context: FeatureContext<FeatureText>): {
  list: ReadonlySignal<readonly OpenFeature[]>;
  close: () => void;
} {
  const views: readonly View[] = featureViews;
  const list = signal<readonly OpenFeature[]>(views.map((view) => ({ view, instance: null })));
  let closed = false;
  for (const view of views) {
    view.load().then(
      (create) => {
        if (closed) return;
        const instance = create(context);
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
