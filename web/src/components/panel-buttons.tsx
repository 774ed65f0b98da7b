import { t, translate } from '../i18n/index.ts';
import { useCall } from '../state/use-call.ts';
import { IconButton } from '../ui/button.tsx';
import type { IconName } from '../ui/icon.tsx';

/** The buttons of the panels: one for each feature, and the people. */
export function PanelButtons({ compact }: { compact: boolean }) {
  const { panels, features, store } = useCall();
  const open = panels.panel.value;
  const count = store.people.value.length;
  return (
    <>
      {features.value.map(({ view, instance }) => {
        const unread = instance?.unread.value ?? 0;
        return (
          <PanelButton
            key={view.id}
            icon={view.icon}
            label={translate(view.label)}
            open={open === view.id}
            badge={unread > 0 ? unread : null}
            note={unread > 0 ? t('call.unread', { count: unread }) : undefined}
            onClick={() => panels.togglePanel(view.id)}
          />
        );
      })}
      {!compact && (
        <PanelButton
          icon="people"
          label={t('call.people')}
          open={open === 'people'}
          badge={count}
          note={t('call.people-count', { count })}
          quiet
          onClick={() => panels.togglePanel('people')}
        />
      )}
    </>
  );
}

type Props = {
  icon: IconName;
  label: string;
  open: boolean;
  badge: number | null;
  /** The badge in words. */
  note: string | undefined;
  /** The badge is a count, not news. */
  quiet?: boolean;
  onClick: () => void;
};

function PanelButton({ icon, label, open, badge, note, quiet = false, onClick }: Props) {
  return (
    <IconButton
      icon={icon}
      label={label}
      class={`${open ? 'is-active' : ''} ${quiet ? 'quiet-badge' : ''}`}
      aria-expanded={open}
      aria-description={note}
      badge={badge}
      onClick={onClick}
    />
  );
}
