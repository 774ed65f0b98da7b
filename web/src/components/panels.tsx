import { t } from '../i18n/index.ts';
import { useCall } from '../state/use-call.ts';
import { lazy } from '../ui/lazy.tsx';
import { FeaturePanel } from './feature-panel.tsx';
import { PeoplePanel } from './people-panel.tsx';
import { SidePanel } from './side-panel.tsx';

const StatsPanel = lazy(async () => (await import('./stats/stats-panel.tsx')).StatsPanel);
const SettingsDialog = lazy(async () => (await import('./settings-dialog.tsx')).SettingsDialog);
const KeysDialog = lazy(async () => (await import('./keys-dialog.tsx')).KeysDialog);
const InviteDialog = lazy(async () => (await import('./invite-dialog.tsx')).default);

/** The panel beside the stage that is open, if any. */
export function OpenPanel() {
  const { panels, features } = useCall();
  const open = panels.panel.value;
  const close = () => (panels.panel.value = null);
  if (open === null) return null;
  if (open === 'people') {
    return (
      <SidePanel key={open} title={t('people.title')} onClose={close}>
        <PeoplePanel />
      </SidePanel>
    );
  }
  if (open === 'statistics') {
    return (
      <SidePanel key={open} title={t('stats.title')} wide onClose={close}>
        <StatsPanel />
      </SidePanel>
    );
  }
  const feature = features.value.find((item) => item.view.id === open);
  return feature === undefined ? null : <FeaturePanel key={open} feature={feature} onClose={close} />;
}

/** The dialog that is open, if any. */
export function OpenDialog() {
  const { panels, room } = useCall();
  const close = () => (panels.dialog.value = null);
  switch (panels.dialog.value) {
    case 'settings':
      return <SettingsDialog onClose={close} />;
    case 'keys':
      return <KeysDialog onClose={close} />;
    case 'invite':
      return <InviteDialog room={room} onClose={close} />;
    case null:
      return null;
  }
}
