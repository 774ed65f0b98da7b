import type { SharedRecording } from '@amphi/protocol/api';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Notice } from '../components/notice.tsx';
import { TopBar } from '../components/top-bar.tsx';
import { tr } from '../i18n/recordings.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { openShare, RequestError } from './api.ts';
import { Downloads } from './downloads.tsx';
import { Player } from './player.tsx';
import { dateTime } from './words.ts';

const WAITING_MS = 4000;

type Phase =
  | { name: 'loading' }
  | { name: 'password'; wrong: boolean }
  | { name: 'refused'; code: RequestError['code'] }
  | { name: 'open'; recording: SharedRecording };

/** One recording for whoever has its link: the film, and nothing of the room. */
export function SharePage({ id }: { id: string }) {
  // The address keeps it: whoever reloads, or marks the page, comes back.
  const [secret] = useState(() => location.hash.slice(1));
  const password = useRef<string | undefined>(undefined);
  const [phase, setPhase] = useState<Phase>({ name: 'loading' });

  const open = useCallback(async (): Promise<SharedRecording | undefined> => {
    try {
      const recording = await openShare(id, secret, password.current);
      setPhase({ name: 'open', recording });
      return recording;
    } catch (error) {
      const code = error instanceof RequestError ? error.code : 'unreachable';
      if (code === 'password') setPhase({ name: 'password', wrong: password.current !== undefined });
      else setPhase({ name: 'refused', code });
      return undefined;
    }
  }, [id, secret]);

  useEffect(() => void open(), [open]);
  const isWaiting = phase.name === 'open' && phase.recording.film === null;
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setInterval(() => void open(), WAITING_MS);
    return () => clearInterval(timer);
  }, [isWaiting, open]);

  if (phase.name === 'refused') return <Refused code={phase.code} onRetry={() => void open()} />;
  return (
    <div class="page">
      <TopBar />
      <main class="recordings">
        {phase.name === 'loading' && <p class="lazy-note">{tr('loading')}</p>}
        {phase.name === 'password' && (
          <Password
            wrong={phase.wrong}
            onSubmit={(given) => {
              password.current = given;
              void open();
            }}
          />
        )}
        {phase.name === 'open' && <Shared recording={phase.recording} reopen={open} />}
      </main>
    </div>
  );
}

type SharedProps = { recording: SharedRecording; reopen: () => Promise<SharedRecording | undefined> };

function Shared({ recording, reopen }: SharedProps) {
  const { film, people, startedAt, progress, tracks } = recording;
  const first = useRef<string | undefined>(film?.path);
  // A link that was just given out is used; a film that failed gets another one.
  const getUrl = useCallback(async () => {
    const path = first.current ?? (await reopen())?.film?.path;
    first.current = undefined;
    if (path === undefined) throw new RequestError('not-found', '');
    return path;
  }, [reopen]);
  return (
    <>
      <header class="recordings-head">
        <div>
          <p class="muted">{tr('shared.title')}</p>
          <h1>{dateTime(startedAt)}</h1>
        </div>
      </header>
      {film ? (
        <Player key={film.file} getUrl={getUrl} recording={recording} />
      ) : (
        <div class="film-none" role="status">
          <p class="film-word">{tr('shared.waiting')}</p>
          {progress !== null && <progress max={1} value={progress} aria-label={tr('shared.waiting')} />}
        </div>
      )}
      <p class="muted recording-line">{people.join(', ')}</p>
      {tracks.length > 0 && (
        <section class="recording-box" aria-label={tr('downloads')}>
          <Downloads
            films={film ? [film] : []}
            tracks={tracks}
            getUrl={async (name) => {
              const fresh = await reopen();
              const files = fresh ? [...fresh.tracks, ...(fresh.film ? [fresh.film] : [])] : [];
              return files.find(({ file }) => file === name)?.path ?? '';
            }}
          />
        </section>
      )}
    </>
  );
}

function Password({ wrong, onSubmit }: { wrong: boolean; onSubmit: (password: string) => void }) {
  const [password, setPassword] = useState('');
  return (
    <form
      class="share-door"
      onSubmit={(event) => {
        event.preventDefault();
        if (password !== '') onSubmit(password);
      }}
    >
      <h1>{tr('shared.password')}</h1>
      <TextField
        label={tr('shared.password.label')}
        type="password"
        autocomplete="current-password"
        maxLength={128}
        value={password}
        error={wrong ? tr('shared.password.wrong') : undefined}
        onInput={setPassword}
        verbatim
      />
      <Button type="submit" variant="primary">
        {tr('shared.password.go')}
      </Button>
    </form>
  );
}

function Refused({ code, onRetry }: { code: RequestError['code']; onRetry: () => void }) {
  const isGone = code === 'not-found' || code === 'bad-request';
  const title = isGone ? tr('shared.gone.title') : code === 'rate-limited' ? tr('slow.title') : tr('unreachable');
  const text = isGone ? tr('shared.gone.text') : code === 'rate-limited' ? tr('slow.text') : '';
  return (
    <Notice title={title} text={text}>
      {!isGone && (
        <Button variant="primary" onClick={onRetry}>
          {tr('try-again')}
        </Button>
      )}
    </Notice>
  );
}
