import type { LiveEvent } from '@amphi/features/live/client.ts';
import { tw } from '../i18n/watch.ts';

/** What the event is about, for who wants to read it. */
export function About({ event }: { event: LiveEvent }) {
  if (event.description === '') return null;
  return (
    <details class="watch-about">
      <summary>{tw('about')}</summary>
      <p class="watch-description">{event.description}</p>
    </details>
  );
}
