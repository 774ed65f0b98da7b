import type { ApiRecording } from '@amphi/protocol/api';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Notice } from '../components/notice.tsx';
import { TopBar } from '../components/top-bar.tsx';
import { takeSecrets } from '../credentials.ts';
import { tr } from '../i18n/recordings.ts';
import { navigate, roomPath } from '../router.ts';
import { Button } from '../ui/button.tsx';
import { type RecordingsOfRoom, recordingsState } from './state.ts';
import { RecordingCard } from './card.tsx';
import { RecordingDetail } from './detail.tsx';

/** What was recorded of a room, for those who may record there, without being in the call. */
export function RecordingsPage({ room }: { room: string }) {
  const state = useMemo(() => {
    takeSecrets(room);
    return recordingsState(room);
  }, [room]);
  useEffect(() => state.watch(), [state]);
  const [shown, setShown] = useShown();

  const problem = state.problem.value;
  if (problem !== undefined && state.entries.value === undefined) return <Refused state={state} room={room} />;
  const entries = state.entries.value;
  const entry = entries?.find(({ id }) => id === shown);
  return (
    <div class="page">
      <TopBar />
      <main class="recordings">
        {entry ? (
          <RecordingDetail key={entry.id} {...{ entry, state }} onBack={() => setShown(undefined)} />
        ) : (
          <Overview {...{ room, entries }} onOpen={setShown} />
        )}
      </main>
    </div>
  );
}

type OverviewProps = { room: string; entries: ApiRecording[] | undefined; onOpen: (id: string) => void };

function Overview({ room, entries, onOpen }: OverviewProps) {
  return (
    <>
      <header class="recordings-head">
        <h1>{tr('of-room', { room })}</h1>
        <Button icon="door" onClick={() => navigate(roomPath(room))}>
          {tr('to-room')}
        </Button>
      </header>
      {entries === undefined && <p class="lazy-note">{tr('loading')}</p>}
      {entries?.length === 0 && (
        <div class="recordings-none">
          <p>{tr('none')}</p>
          <p class="muted">{tr('none.text')}</p>
        </div>
      )}
      <ul class="recordings-grid">
        {entries?.map((entry) => (
          <li key={entry.id}>
            <RecordingCard entry={entry} onOpen={() => onOpen(entry.id)} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Refused({ state, room }: { state: RecordingsOfRoom; room: string }) {
  const code = state.problem.value;
  const kind =
    code === 'room-not-found'
      ? 'missing'
      : code === 'forbidden' || code === 'unauthorized'
        ? 'refused'
        : code === 'rate-limited'
          ? 'slow'
          : undefined;
  return (
    <Notice
      title={kind === undefined ? tr('unreachable') : tr(`${kind}.title`)}
      text={kind === undefined ? tr('unreachable.text') : tr(`${kind}.text`)}
    >
      <Button variant="primary" onClick={() => void state.refresh()}>
        {tr('try-again')}
      </Button>
      {kind === 'refused' && <Button onClick={() => navigate(roomPath(room))}>{tr('to-room')}</Button>}
    </Notice>
  );
}

/** The recording that is open stands in the address, so that it can be gone back from and come back to. */
function useShown(): [string | undefined, (id: string | undefined) => void] {
  const read = () => new URLSearchParams(location.search).get('recording') ?? undefined;
  const [shown, setShown] = useState(read);
  useEffect(() => {
    const onPop = () => setShown(read());
    addEventListener('popstate', onPop);
    return () => removeEventListener('popstate', onPop);
  }, []);
  return [
    shown,
    (id) => {
      history.pushState(null, '', id === undefined ? location.pathname : `?recording=${id}`);
      setShown(id);
      scrollTo(0, 0);
    },
  ];
}
