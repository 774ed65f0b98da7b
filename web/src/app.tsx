import { useSignalEffect } from '@preact/signals';
import { t } from './i18n/index.ts';
import { Landing } from './pages/landing.tsx';
import { RoomPage } from './pages/room.tsx';
import { UnknownPage } from './pages/unknown.tsx';
import { route } from './router.ts';
import { lazy } from './ui/lazy.tsx';
import { Toasts } from './ui/toasts.tsx';

const AdminPage = lazy(async () => (await import('./admin/page.tsx')).AdminPage);
const DiagPage = lazy(async () => (await import('./diag/page.tsx')).DiagPage);
const Recordings = lazy(async () => (await import('./recordings/entry.tsx')).Recordings);
const WatchPage = lazy(async () => (await import('./watch/watch-page.tsx')).WatchPage);

/** The page that the address names, and the toasts that all pages share. */
export function App() {
  useSignalEffect(() => {
    const current = route.value;
    document.title =
      current.page === 'watch'
        ? `${t('watch.title', { room: current.room })} · Amphi`
        : current.page === 'room' || current.page === 'recordings'
          ? `${current.room} · Amphi`
          : `Amphi · ${t('app.tagline')}`;
  });
  return (
    <>
      <CurrentPage />
      <Toasts />
    </>
  );
}

function CurrentPage() {
  const current = route.value;
  switch (current.page) {
    case 'landing':
      return <Landing />;
    case 'admin':
      return <AdminPage />;
    case 'diag':
      return <DiagPage />;
    case 'room':
      return <RoomPage key={current.room} room={current.room} />;
    case 'watch':
      return <WatchPage key={current.room} room={current.room} />;
    case 'recordings':
      return <Recordings room={current.room} />;
    case 'share':
      return <Recordings share={current.id} />;
    case 'unknown':
      return <UnknownPage />;
  }
}
