import type { ApiRecording } from '@amphi/protocol/api';
import { tr } from '../i18n/recordings.ts';
import { Icon } from '../ui/icon.tsx';
import { clock, dateTime, isOnTheWay, jobText, size } from './words.ts';

/** One recording in the overview; all of it opens it. */
export function RecordingCard({ entry, onOpen }: { entry: ApiRecording; onOpen: () => void }) {
  const { startedAt, durationMs, people, bytes, state, poster, jobs, storage } = entry;
  const job = jobs.find((one) => one.state !== 'failed');
  const date = dateTime(startedAt);
  return (
    <article class="recording-card">
      <div class="recording-thumb">
        {poster === null ? <Icon name="record" size={40} /> : <img src={poster} alt="" width={640} height={360} />}
        <span class="recording-length">{clock(durationMs)}</span>
        {state !== 'complete' && <span class={`recording-state recording-${state}`}>{tr(`state.${state}`)}</span>}
      </div>
      <div class="recording-facts">
        <h2>
          <button type="button" class="recording-open" aria-label={tr('open', { date })} onClick={onOpen}>
            {date}
          </button>
        </h2>
        <p class="recording-people" title={people.join(', ')}>
          {people.join(', ')}
        </p>
        <p class="muted">
          {tr('people', { count: people.length })} · {size(bytes)}
        </p>
        {isOnTheWay(storage) && <p class="muted">{tr(`storage.${storage}`)}</p>}
        {job && <p class="recording-making">{jobText(job)}</p>}
      </div>
    </article>
  );
}
