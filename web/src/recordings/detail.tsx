import type { ApiRecording } from '@amphi/protocol/api';
import { useCallback, useState } from 'preact/hooks';
import { tr } from '../i18n/recordings.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { toast } from '../ui/toasts.tsx';
import { Downloads } from './downloads.tsx';
import { FilmMaker } from './film-maker.tsx';
import { Player } from './player.tsx';
import { Sharing } from './sharing.tsx';
import type { RecordingsOfRoom } from './state.ts';
import { dateTime, day, filmLabel, isOnTheWay, problemText, size } from './words.ts';

type Props = { entry: ApiRecording; state: RecordingsOfRoom; onBack: () => void };

/** One recording: to be watched, kept, shared and deleted. */
export function RecordingDetail({ entry, state, onBack }: Props) {
  const { id, films, people, reason, storage } = entry;
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const film = films.find(({ file }) => file === chosen) ?? films[0];
  const [isDeleting, setDeleting] = useState(false);
  const file = film?.file;
  const getUrl = useCallback(() => state.api.link(id, file ?? ''), [state, id, file]);

  const remove = async () => {
    setDeleting(false);
    try {
      await state.remove(id);
      toast(tr('delete.done'), { icon: 'check' });
      onBack();
    } catch (error) {
      toast(problemText(error), { urgent: true });
    }
  };

  return (
    <>
      <header class="recordings-head">
        <div>
          <Button variant="quiet" icon="left" onClick={onBack}>
            {tr('back')}
          </Button>
          <h1>{dateTime(entry.startedAt)}</h1>
        </div>
        {entry.state !== 'recording' && <Button onClick={() => setDeleting(true)}>{tr('delete')}</Button>}
      </header>
      {isKnown(reason) && <p class="recording-reason">{tr(`reason.${reason}`)}</p>}
      {film ? (
        <Player key={film.file} getUrl={getUrl} recording={entry} />
      ) : (
        <div class="film-none" style={entry.poster === null ? {} : { backgroundImage: `url("${entry.poster}")` }}>
          <FilmMaker entry={entry} state={state} />
        </div>
      )}
      {films.length > 1 && (
        <fieldset class="film-choice">
          <legend class="sr-only">{tr('films')}</legend>
          {films.map((one) => (
            <Button
              key={one.file}
              variant={one === film ? 'primary' : 'plain'}
              aria-pressed={one === film}
              onClick={() => setChosen(one.file)}
            >
              {filmLabel(one.label)}
            </Button>
          ))}
        </fieldset>
      )}
      <p class="muted recording-line">
        {[people.join(', '), tr('started-by', { name: entry.startedBy }), size(entry.bytes)].join(' · ')}
        {entry.deletedAt !== null && ` · ${tr('deleted-at', { date: day(entry.deletedAt) })}`}
        {isOnTheWay(storage) && ` · ${tr(`storage.${storage}`)}`}
      </p>
      <div class="recording-columns">
        {entry.state !== 'recording' && <Sharing entry={entry} api={state.api} />}
        <section class="recording-box" aria-labelledby="recording-downloads">
          <h2 id="recording-downloads">{tr('downloads')}</h2>
          <Downloads films={films} tracks={entry.tracks} getUrl={(name) => state.api.link(id, name)} />
          {film && <FilmMaker entry={entry} state={state} />}
        </section>
      </div>
      {isDeleting && (
        <Dialog title={tr('delete.title')} onClose={() => setDeleting(false)}>
          <p>{tr('delete.text')}</p>
          <div class="recording-confirm">
            <Button onClick={() => setDeleting(false)}>{tr('cancel')}</Button>
            <Button variant="danger" onClick={() => void remove()}>
              {tr('delete')}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function isKnown(reason: string | undefined): reason is 'disk-full' | 'disk-failed' | 'server-stopped' {
  return reason === 'disk-full' || reason === 'disk-failed' || reason === 'server-stopped';
}
