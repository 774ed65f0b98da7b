import { useEffect, useMemo } from 'preact/hooks';
import { createCallStore } from '../state/call-store.ts';
import type { Person, TrackView } from '../state/people.ts';
import type { StagePreviewProps } from '../ui/feature-view.ts';
import { StageView } from './stage-view.tsx';

/** The stage as the audience sees it, for who is on it: oneself included, and without a word to the server about sizes. */
export function StagePreview({ call, layout }: StagePreviewProps) {
  const store = useMemo(() => createCallStore(call), [call]);
  useEffect(() => () => store.close(), [store]);
  const people = store.people.value.filter((person) => Object.keys(person.tracks).length > 0).map(withoutRemotes);
  return <StageView people={people} dominantId={store.dominantId.value} layout={layout} onFrame={() => undefined} />;
}

function withoutRemotes(person: Person): Person {
  const tracks: Person['tracks'] = {};
  for (const [source, view] of Object.entries(person.tracks) as [keyof typeof tracks, TrackView][]) {
    tracks[source] = { ...view, remote: null };
  }
  return { ...person, tracks };
}
