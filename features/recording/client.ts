import type { Call } from '@amphi/client';
import type { InputOf, OutputOf } from '@amphi/protocol';
import type { FilmChoice, RecordingEntry, RecordingMethods, RecordingState } from './protocol.ts';

export type { Consent, FilmChoice, FilmMaking, RecordingEntry, RecordingState } from './protocol.ts';

/** The recording of one call. */
export interface Recording {
  /** Undefined until the server has said it. */
  readonly state: RecordingState | undefined;
  /**
   * Starts to record; a film made `live` is ready at the end, where the server can. It shows all alike in 720p where nothing
   * else is said. Rejects with the server's AmphiError: `forbidden`, `wrong-state`, …
   */
  start(film?: 'after' | 'live', choice?: FilmChoice): Promise<void>;
  /** Ends the recording; resolves when all of it is kept. */
  stop(): Promise<void>;
  /** Agrees to be recorded, or refuses; then what was recorded is deleted, unless it may be kept. */
  answer(accept: boolean, keep?: boolean): Promise<void>;
  /** What was recorded of the room, the latest first; for those who may record. */
  list(): Promise<RecordingEntry[]>;
  /** An address of a file, good for some minutes. */
  link(id: string, file: string): Promise<string>;
  /** Has another film made. */
  film(id: string, choice: FilmChoice): Promise<void>;
  /** Deletes a recording. */
  remove(id: string): Promise<void>;
  /** Asks how things are; done by itself after every join. */
  load(): Promise<void>;
  /** Calls back after every change; returns the unsubscriber. */
  onChange(listener: (state: RecordingState, before: RecordingState | undefined) => void): () => void;
  close(): void;
}

const USUAL_FILM: FilmChoice = { layout: 'grid', height: 720 };

/** Makes the recording's client half of a call; it is there from the join on. */
export function createRecording(call: Call): Recording {
  const listeners = new Set<(state: RecordingState, before: RecordingState | undefined) => void>();
  let state: RecordingState | undefined;

  const set = (next: RecordingState) => {
    const before = state;
    state = next;
    for (const listener of listeners) listener(next, before);
  };

  const request = <K extends keyof RecordingMethods>(method: K, data: InputOf<RecordingMethods, K>) =>
    call.request(method, data) as Promise<OutputOf<RecordingMethods, K>>;

  const load = async () => set(await request('recording.state', {}));

  const unsubscribers = [
    call.onEvent('recording.changed', set),
    call.on('state', (now) => {
      if (now === 'joined') load().catch(() => undefined);
    }),
  ];

  return {
    get state() {
      return state;
    },
    start: async (film = 'after', choice = USUAL_FILM) => set(await request('recording.start', { film, ...choice })),
    stop: async () => set(await request('recording.stop', {})),
    answer: async (accept, keep = false) => set(await request('recording.consent', { accept, keep })),
    list: async () => (await request('recording.list', {})).recordings,
    link: async (id, file) => (await request('recording.link', { id, file })).path,
    film: async (id, choice) => void (await request('recording.film', { id, ...choice })),
    remove: async (id) => void (await request('recording.remove', { id })),
    load,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      for (const unsubscribe of unsubscribers) unsubscribe();
      listeners.clear();
    },
  };
}
