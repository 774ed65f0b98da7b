import { useEffect } from 'preact/hooks';
import { t, translate } from '../i18n/index.ts';
import type { OpenFeature } from '../state/features.ts';
import { SidePanel } from './side-panel.tsx';

/** The panel of a feature, which is told that it is seen. */
export function FeaturePanel({ feature, onClose }: { feature: OpenFeature; onClose: () => void }) {
  const { view, instance } = feature;
  useEffect(() => {
    instance?.setOpen(true);
    return () => instance?.setOpen(false);
  }, [instance]);
  return (
    <SidePanel title={translate(view.label)} onClose={onClose}>
      {instance === null ? <p class="lazy-note">{t('ui.loading')}</p> : <instance.Panel />}
    </SidePanel>
  );
}
