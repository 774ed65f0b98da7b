import { t } from '../i18n/index.ts';
import { useCall } from '../state/use-call.ts';
import { lazy } from '../ui/lazy.tsx';
import { FeaturePanel } from './feature-panel.tsx';
import { SidePanel } from './side-panel.tsx';

const PeoplePanel = lazy(async () => (await import('./people/people-panel.tsx')).PeoplePanel);
const StatsPanel = lazy(async () => (await import('./stats/stats-panel.tsx')).StatsPanel);
const SettingsDialog = lazy(async () => (await import('./settings-dialog.tsx')).SettingsDialog);
const KeysDialog = lazy(async () => (await import('./keys-dialog.tsx')).KeysDialog);
const InviteDialog = lazy(async () => (await import('./invite-dialog.tsx')).default);
const RoomSettings = lazy(async () => (await import('./host/room-settings.tsx')).default);
const BansDialog = lazy(async () => (await import('./host/bans-dialog.tsx')).default);
const AuditDialog = lazy(async () => (await import('./host/audit-dialog.tsx')).default);
const RightsDialog = lazy(async () => (await import('./host/rights-dialog.tsx')).default);
const RemoveDialog = lazy(async () => (await import('./host/confirm-dialogs.tsx')).RemoveDialog);
const LeaveDialog = lazy(async () => (await import('./host/confirm-dialogs.tsx')).LeaveDialog);
const AskedDialog = lazy(async () => (await import('./host/confirm-dialogs.tsx')).AskedDialog);

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

/** The dialog that is open, if any, and before it what a moderator asks. */
export function OpenDialogs() {
  const { panels } = useCall();
  const asked = panels.asked.value;
  return (
    <>
      <OpenDialog />
      {asked !== null && <AskedDialog key={asked.source} source={asked.source} by={asked.by} />}
    </>
  );
}

function OpenDialog() {
  const { panels, room } = useCall();
  const close = () => (panels.dialog.value = null);
  const open = panels.dialog.value;
  if (open !== null && typeof open === 'object') {
    const { about, memberId, name } = open;
    if (about === 'rights') return <RightsDialog key={memberId} memberId={memberId} name={name} onClose={close} />;
    return <RemoveDialog memberId={memberId} name={name} ban={about === 'ban'} onClose={close} />;
  }
  switch (open) {
    case 'settings':
      return <SettingsDialog onClose={close} />;
    case 'keys':
      return <KeysDialog onClose={close} />;
    case 'invite':
      return <InviteDialog room={room} onClose={close} />;
    case 'room':
      return <RoomSettings key={open} onClose={close} />;
    case 'bans':
      return <BansDialog key={open} onClose={close} />;
    case 'audit':
      return <AuditDialog key={open} onClose={close} />;
    case 'leave':
      return <LeaveDialog onClose={close} />;
    case null:
      return null;
  }
}
