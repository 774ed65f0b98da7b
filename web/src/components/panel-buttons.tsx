import { t, translate } from '../i18n/index.ts';
import { useCall } from '../state/use-call.ts';
import { IconButton } from '../ui/button.tsx';
import type { IconName } from '../ui/icon.tsx';

/** The buttons of the panels: one for each feature, and the people. */
export function PanelButtons({ compact }: { compact: boolean }) {
  const { panels, features, store } = useCall();
  const open = panels.panel.value;
  const count = store.people.value.length;
  const waiting = store.waiting.value.length;
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
          badge={waiting > 0 ? waiting : count}
          note={waiting > 0 ? t('lobby.title', { count: waiting }) : t('call.people-count', { count })}
          kind={waiting > 0 ? 'news' : 'quiet'}
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
  /** `quiet`: a mere count; `news`: somebody waits for this person. */
  kind?: 'quiet' | 'news';
  onClick: () => void;
};

function PanelButton({ icon, label, open, badge, note, kind, onClick }: Props) {
  return (
    <IconButton
      icon={icon}
      label={label}
      class={`${open ? 'is-active' : ''} ${kind === undefined ? '' : `${kind}-badge`}`}
      aria-expanded={open}
      aria-description={note}
      badge={badge}
      onClick={onClick}
    />
  );
}
