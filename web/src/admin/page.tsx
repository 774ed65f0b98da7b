import { useEffect } from 'preact/hooks';
import { TopBar } from '../components/top-bar.tsx';
import { ta } from '../i18n/admin.ts';
import { locale } from '../i18n/index.ts';
import { Button } from '../ui/button.tsx';
import { MachineCard, RelayCard, Workers } from './machine.tsx';
import { duration } from './numbers.ts';
import { RoomsTable } from './rooms-table.tsx';
import { SignIn } from './sign-in.tsx';
import { phase, signOut, staleSince, status, watchStatus } from './state.ts';
import { Totals } from './totals.tsx';
import './admin.css';

/** Live figures of the server for who runs it. */
export function AdminPage() {
  useEffect(watchStatus, []);
  return (
    <div class="page">
      <TopBar />
      {phase.value === 'out' ? <SignIn /> : <Dashboard />}
    </div>
  );
}

function Dashboard() {
  const shown = status.value;
  if (shown === undefined) return <p class="lazy-note">{ta('checking')}</p>;
  const { versions, uptimeSeconds } = shown;
  const since = staleSince.value;
  return (
    <main class="admin">
      <header class="admin-header">
        <div>
          <h1>{ta('title')}</h1>
          <p class="muted">{ta('running', { version: versions.amphi, time: duration(uptimeSeconds) })}</p>
        </div>
        <Button onClick={() => void signOut()}>{ta('sign-out')}</Button>
      </header>
      <p class="admin-stale" role="status">
        {since !== undefined && ta('stale', { time: since.toLocaleTimeString(locale()) })}
      </p>
      <Totals totals={shown.totals} />
      <div class="admin-columns">
        <RoomsTable rooms={shown.rooms} all={shown.totals.rooms} />
        <div class="admin-side">
          <Workers workers={shown.workers} lost={shown.workersLost} />
          <RelayCard relay={shown.relay} />
          <MachineCard status={shown} />
        </div>
      </div>
    </main>
  );
}
