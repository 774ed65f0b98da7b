import { signal } from '@preact/signals';

/** After this long the old element is let go even when the new one has not begun to play. */
const OVERLAP_MS = 1500;

export type AudioOut = ReturnType<typeof createAudioOut>;

/** Plays remote audio through elements that nobody sees, one per track, on the chosen speaker. */
export function createAudioOut() {
  const elements = new Map<string, { element: HTMLAudioElement; track: MediaStreamTrack }>();
  /** Whether the browser refuses to play until the person clicks. */
  const blocked = signal(false);
  let sinkId = '';

  function start(track: MediaStreamTrack): HTMLAudioElement {
    const element = document.createElement('audio');
    element.srcObject = new MediaStream([track]);
    element.dataset['testid'] = 'audio';
    if (sinkId !== '') setSink(element, sinkId);
    document.body.append(element);
    void play(element);
    return element;
  }

  async function play(element: HTMLAudioElement): Promise<void> {
    try {
      await element.play();
    } catch (error) {
      if (error instanceof DOMException && error.name === 'NotAllowedError') blocked.value = true;
    }
  }

  function end(element: HTMLAudioElement): void {
    element.srcObject = null;
    element.remove();
  }

  /** Plays this track under this id; one that played under it goes on until the new one does, so that no word is lost. */
  function set(id: string, track: MediaStreamTrack | null): void {
    const old = elements.get(id);
    if (old?.track === track) return;
    elements.delete(id);
    if (track === null) {
      if (old !== undefined) end(old.element);
      return;
    }
    const element = start(track);
    elements.set(id, { element, track });
    if (old === undefined) return;
    const release = () => end(old.element);
    const timer = setTimeout(release, OVERLAP_MS);
    element.addEventListener('playing', () => (clearTimeout(timer), release()), { once: true });
  }

  return {
    blocked,
    set,
    /** Ends the tracks that are not among these ids. */
    keep(ids: ReadonlySet<string>): void {
      for (const id of elements.keys()) if (!ids.has(id)) set(id, null);
    },
    /** Sends all sound to this speaker; null for the system's own choice. */
    setSpeaker(id: string | null): void {
      sinkId = id ?? '';
      for (const { element } of elements.values()) setSink(element, sinkId);
    },
    /** To be called from a click: browsers then allow sound. */
    async resume(): Promise<void> {
      blocked.value = false;
      await Promise.all([...elements.values()].map(({ element }) => play(element)));
    },
    close(): void {
      for (const id of elements.keys()) set(id, null);
    },
  };
}

/** Chooses the speaker of an element where the browser can; on failure it stays with the system's. */
export function setSink(element: HTMLMediaElement, id: string): void {
  if ('setSinkId' in element) element.setSinkId(id).catch(() => undefined);
}
