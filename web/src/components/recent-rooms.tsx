import { locale, t } from '../i18n/index.ts';
import { forgetRoom, recentRooms } from '../recent.ts';
import { navigate, roomPath } from '../router.ts';
import { Icon } from '../ui/icon.tsx';

/** The rooms that this browser was in lately. */
export function RecentRooms() {
  const rooms = recentRooms.value;
  if (rooms.length === 0) return null;
  return (
    <section class="recent" aria-label={t('landing.recent')}>
      <h2>{t('landing.recent')}</h2>
      <ul>
        {rooms.map(({ id, at }) => (
          <li key={id}>
            <a
              href={roomPath(id)}
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                event.preventDefault();
                navigate(roomPath(id));
              }}
            >
              <span class="recent-name">{id}</span>
              <time dateTime={new Date(at).toISOString()}>
                {new Date(at).toLocaleDateString(locale(), { day: 'numeric', month: 'short' })}
              </time>
            </a>
            <button
              type="button"
              class="recent-forget"
              aria-label={t('landing.forget', { room: id })}
              onClick={() => forgetRoom(id)}
            >
              <Icon name="close" size={16} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
