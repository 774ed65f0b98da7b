import { useEffect, useState } from 'preact/hooks';
import { Button } from '../../web/src/ui/button.tsx';
import type { FeatureContext } from '../../web/src/ui/feature-view.ts';
import type { Recording, RecordingEntry } from './client.ts';
import type { RecordingText } from './view.tsx';

type Props = {
  context: FeatureContext<RecordingText>;
  recording: Recording;
  /** The recording that ended last: when there is another, the list is fetched anew. */
  last: string | undefined;
};

const JOB_TEXTS: Record<RecordingEntry['jobs'][number]['state'], RecordingText> = {
  waiting: 'recording.making',
  running: 'recording.making',
  storage: 'recording.film-storage',
  failed: 'recording.film-failed',
};

/** How often a list with films in the making is fetched anew. */
const REFRESH_MS = 3000;

/** What was recorded of the room, to be played, kept and deleted. */
export function RecordingList({ context, recording, last }: Props) {
  const [entries, setEntries] = useState<RecordingEntry[]>([]);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    recording.list().then(
      (list) => {
        if (over) return;
        setEntries(list);
        const isMaking = list.some(({ jobs }) => jobs.some(({ state }) => state !== 'failed'));
        if (isMaking) timer = setTimeout(() => setRound((before) => before + 1), REFRESH_MS);
      },
      (error: unknown) => context.notify(context.errorText(error)),
    );
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [recording, context, last, round]);

  const kept = entries.filter(({ state }) => state !== 'recording');
  const room = context.call.room?.id ?? '';
  return (
    <section class="recording-list">
      <h3>{context.text('recording.kept')}</h3>
      {kept.length === 0 && <p>{context.text('recording.none')}</p>}
      {/* The new window takes over what this one is let in by. */}
      <a href={`/r/${encodeURIComponent(room)}/recordings`} target="_blank" rel="opener">
        {context.text('recording.all')}
      </a>
      {kept.map((entry) => (
        <Entry
          key={entry.id}
          {...{ context, recording, entry }}
          onRemoved={() => setEntries((before) => before.filter(({ id }) => id !== entry.id))}
        />
      ))}
    </section>
  );
}

type EntryProps = Omit<Props, 'last'> & { entry: RecordingEntry; onRemoved: () => void };

function Entry({ context, recording, entry, onRemoved }: EntryProps) {
  const [film, setFilm] = useState<string | null>(null);
  const failed = (error: unknown) => context.notify(context.errorText(error));
  const open = (file: string, use: (path: string) => void) => recording.link(entry.id, file).then(use, failed);
  const keep = (file: string) => open(file, (path) => window.location.assign(`${path}&download`));
  const remove = () => {
    if (!window.confirm(context.text('recording.remove.sure'))) return;
    recording.remove(entry.id).then(onRemoved, failed);
  };
  const start = new Date(entry.startedAt);
  return (
    <article class="recording-entry">
      <header>
        <time dateTime={start.toISOString()}>
          {start.toLocaleString(context.locale(), { dateStyle: 'medium', timeStyle: 'short' })}
        </time>
        <span>
          {lengthOf(entry.durationMs)} · {megabytes(entry.bytes, context.locale())}
        </span>
      </header>
      <p>{entry.people.join(', ')}</p>
      {film !== null && (
        // oxlint-disable-next-line jsx-a11y/media-has-caption -- nobody wrote down what was said
        <video controls autoplay src={film} />
      )}
      {entry.jobs.map(({ layout, height, state, progress }) => (
        <p key={`${layout} ${height}`} role="status">
          {context.text(JOB_TEXTS[state], {
            percent: Math.round(progress * 100),
          })}
        </p>
      ))}
      <div class="button-row">
        {entry.films.map(({ file }) => (
          <Button key={file} variant="primary" onClick={() => void open(file, setFilm)}>
            {context.text('recording.play')}
          </Button>
        ))}
        {entry.films.map(({ file }) => (
          <Button key={file} onClick={() => void keep(file)}>
            {context.text('recording.download')}
          </Button>
        ))}
        <Button onClick={remove}>{context.text('recording.remove')}</Button>
      </div>
      <details>
        <summary>{context.text('recording.tracks')}</summary>
        {entry.tracks.map(({ file, label, bytes }) => (
          <Button key={file} variant="quiet" onClick={() => void keep(file)}>
            {label} ({megabytes(bytes, context.locale())})
          </Button>
        ))}
      </details>
    </article>
  );
}

function lengthOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function megabytes(bytes: number, locale: string): string {
  return `${(bytes / 1e6).toLocaleString(locale, { maximumFractionDigits: 1 })} MB`;
}
