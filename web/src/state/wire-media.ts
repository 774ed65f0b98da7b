import type { RemoteTrack } from '@amphi/client';
import { effect } from '@preact/signals';
import type { AudioOut } from '../media/audio-out.ts';
import type { ViewBook } from '../media/view-book.ts';
import type { CallStore } from './call-store.ts';
import type { LayoutState } from './layout-state.ts';

const WARM_VIEW = { visible: true, width: 160, height: 90 };

/** Plays the sound of everybody else. */
export function playEverybody(store: CallStore, audio: AudioOut): () => void {
  return effect(() => {
    const heard = new Set<string>();
    for (const person of store.people.value) {
      if (person.self) continue;
      for (const track of [person.tracks.microphone, person.tracks['screen-audio']]) {
        if (track === undefined || track.mediaTrack === null) continue;
        heard.add(track.id);
        audio.set(track.id, track.mediaTrack);
      }
    }
    audio.keep(heard);
  });
}

/** Pauses the video of everybody who is not on the page, except the last speakers: those stay, small. */
export function keepSpeakersWarm(store: CallStore, layout: LayoutState, views: ViewBook): () => void {
  const owner = Symbol('warm');
  let claimed = new Set<RemoteTrack>();
  return effect(() => {
    const warm = new Set(layout.warmIds.value);
    const onPage = new Set(layout.arrangement.value.tiles.map((tile) => tile.key));
    const next = new Set<RemoteTrack>();
    for (const { key, person, video } of layout.tiles.value) {
      const remote = video?.remote;
      if (remote === null || remote === undefined || onPage.has(key)) continue;
      // Claimed also where it is not warm: until somebody says otherwise, a track counts as looked at.
      views.claim(remote, owner, warm.has(person.id) ? WARM_VIEW : { visible: false, width: 0, height: 0 });
      next.add(remote);
    }
    for (const remote of claimed) if (!next.has(remote)) views.claim(remote, owner, null);
    claimed = next;
  });
}
