import type { ApiRecording } from '@amphi/protocol/api';
import { useState } from 'preact/hooks';
import { tr } from '../i18n/recordings.ts';
import { Button } from '../ui/button.tsx';
import { Select } from '../ui/field.tsx';
import { toast } from '../ui/toasts.tsx';
import type { FilmChoice } from './api.ts';
import type { RecordingsOfRoom } from './state.ts';
import { jobText, problemText } from './words.ts';

const LAYOUTS = ['grid', 'speaker', 'screen', 'audio'] as const;

/** Says how far a film is, or has one made. */
export function FilmMaker({ entry, state }: { entry: ApiRecording; state: RecordingsOfRoom }) {
  const [layout, setLayout] = useState<FilmChoice['layout']>(entry.films.length > 0 ? 'speaker' : 'grid');
  const [height, setHeight] = useState<FilmChoice['height']>(720);
  const job = entry.jobs.find((one) => one.state !== 'failed');

  if (entry.state === 'recording') return <p class="film-word">{tr('film.under-way')}</p>;
  if (entry.tracks.length === 0) return <p class="film-word">{tr('film.nothing')}</p>;
  if (job) {
    const percent = Math.round(job.progress * 100);
    return (
      <div class="film-word" role="status">
        <p>{jobText(job)}</p>
        <progress max={1} value={job.progress} aria-label={tr('film.running', { percent })} />
      </div>
    );
  }
  const make = async () => {
    try {
      await state.api.film(entry.id, { layout, height });
      await state.refresh();
    } catch (error) {
      toast(problemText(error), { urgent: true });
    }
  };
  const isFirst = entry.films.length === 0;
  const hasFailed = entry.jobs.some((one) => one.state === 'failed');
  return (
    <form
      class="film-maker"
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      {(isFirst || hasFailed) && <p class="film-word">{tr(hasFailed ? 'film.failed' : 'film.none')}</p>}
      <div class="film-maker-row">
        <Select
          label={tr('film.layout')}
          value={layout}
          options={LAYOUTS.map((value) => ({ value, label: tr(`layout.${value}`) }))}
          onChange={(value) => setLayout(value as FilmChoice['layout'])}
        />
        <Select
          label={tr('film.size')}
          value={`${height}`}
          disabled={layout === 'audio'}
          options={['720', '1080'].map((value) => ({ value, label: `${value}p` }))}
          onChange={(value) => setHeight(value === '1080' ? 1080 : 720)}
        />
      </div>
      <Button type="submit" variant={isFirst ? 'primary' : 'plain'}>
        {tr(isFirst ? 'film.make' : 'film.another')}
      </Button>
    </form>
  );
}
