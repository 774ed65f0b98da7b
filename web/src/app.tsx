import { Landing } from './pages/landing.tsx';
import { RoomPage } from './pages/room.tsx';
import { UnknownPage } from './pages/unknown.tsx';
import { route } from './router.ts';
import { Toasts } from './ui/toasts.tsx';

/** The page that the address names, and the toasts that all pages share. */
export function App() {
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
    case 'room':
      return <RoomPage key={current.room} room={current.room} />;
    case 'unknown':
      return <UnknownPage />;
  }
}
