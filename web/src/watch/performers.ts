import type { CallStore } from '../state/call-store.ts';

/** Everybody on stage who sends something, or did until the connection was lost. */
export function performersOf(store: CallStore) {
  return store.people.value.filter((person) => !person.self && Object.keys(person.tracks).length > 0);
}
