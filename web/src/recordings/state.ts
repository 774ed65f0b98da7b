import type { ApiRecording } from '@amphi/protocol/api';
import { signal } from '@preact/signals';
import { recordingsOf, RequestError } from './api.ts';
import { isOnTheWay } from './words.ts';

const MAKING_MS = 3000;
const RECORDING_MS = 15_000;
const UNREACHABLE_MS = 5000;
/** Links to pictures are good for a quarter of an hour. */
const IDLE_MS = 10 * 60_000;

/** The recordings of a room as the page shows them, fetched anew as long as something changes. */
export function recordingsState(room: string) {
  const api = recordingsOf(room);
  const entries = signal<ApiRecording[] | undefined>(undefined);
  /** Why there is no list, or no newer one. */
  const problem = signal<RequestError['code'] | undefined>(undefined);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWatched = false;

  async function refresh(): Promise<void> {
    clearTimeout(timer);
    try {
      entries.value = keepPictures(await api.list(), entries.value ?? []);
      problem.value = undefined;
    } catch (error) {
      problem.value = error instanceof RequestError ? error.code : 'unreachable';
    }
    clearTimeout(timer);
    if (isWatched) timer = setTimeout(() => void refresh(), waitFor(entries.value ?? [], problem.value));
  }

  return {
    api,
    entries,
    problem,
    refresh,
    /** Begins, and answers what ends it. */
    watch(): () => void {
      isWatched = true;
      void refresh();
      return () => {
        isWatched = false;
        clearTimeout(timer);
      };
    },
    async remove(id: string): Promise<void> {
      await api.remove(id);
      entries.value = entries.value?.filter((entry) => entry.id !== id);
    },
  };
}
export type RecordingsOfRoom = ReturnType<typeof recordingsState>;

function waitFor(entries: readonly ApiRecording[], problem: RequestError['code'] | undefined): number {
  if (problem === 'unreachable') return UNREACHABLE_MS;
  const isMaking = entries.some(({ jobs, poster, films, tracks }) => {
    // The picture comes with the film, or a moment after it.
    const hasVideo = tracks.some(({ label }) => label.endsWith('camera') || label.endsWith('screen'));
    return jobs.some(({ state }) => state !== 'failed') || (hasVideo && films.length > 0 && poster === null);
  });
  if (isMaking) return MAKING_MS;
  const isMoving = entries.some(({ state, storage }) => state === 'recording' || isOnTheWay(storage));
  return isMoving ? RECORDING_MS : IDLE_MS;
}

/** When the pictures of this page were linked to, so that they are not fetched anew with each list. */
const linkedAt = new Map<string, number>();

function keepPictures(next: ApiRecording[], before: readonly ApiRecording[]): ApiRecording[] {
  const now = performance.now();
  return next.map((entry) => {
    const old = before.find(({ id }) => id === entry.id);
    const isFresh = now - (linkedAt.get(entry.id) ?? -Infinity) < IDLE_MS - 1000;
    if (!old || !isFresh || old.poster === null || (old.strip === null) !== (entry.strip === null)) {
      linkedAt.set(entry.id, now);
      return entry;
    }
    return { ...entry, poster: old.poster, strip: old.strip };
  });
}
