import { CreateRoom } from '../components/create-room.tsx';
import { HeroArt } from '../components/hero-art.tsx';
import { JoinRoom } from '../components/join-room.tsx';
import { RecentRooms } from '../components/recent-rooms.tsx';
import { TopBar } from '../components/top-bar.tsx';
import { t } from '../i18n/index.ts';
import { Icon } from '../ui/icon.tsx';

const POINTS = [
  { key: 'direct', icon: 'direct' },
  { key: 'own', icon: 'server' },
  { key: 'ready', icon: 'bolt' },
] as const;

/** The start page: what Amphi is, and the ways into a room. */
export function Landing() {
  return (
    <div class="page">
      <TopBar />
      <main class="landing">
        <section class="hero">
          <div class="hero-text">
            <h1>{t('landing.title')}</h1>
            <p class="lead">{t('landing.lead')}</p>
          </div>
          <HeroArt />
        </section>
        <section class="entry">
          <CreateRoom />
          <p class="entry-or">
            <span>{t('landing.or')}</span>
          </p>
          <JoinRoom />
          <RecentRooms />
        </section>
        <ul class="points">
          {POINTS.map(({ key, icon }) => (
            <li key={key}>
              <Icon name={icon} size={24} />
              <h2>{t(`landing.point.${key}`)}</h2>
              <p>{t(`landing.point.${key}.text`)}</p>
            </li>
          ))}
        </ul>
      </main>
    </div>
  );
}
