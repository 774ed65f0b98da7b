import type { RemoteTrack, View } from '@amphi/client';

const HIDDEN: View = { visible: false, width: 0, height: 0 };

/** What several places that show the same track need together: the largest of those that can be seen. */
export function combineViews(views: Iterable<View>): View {
  const all = [...views].filter((view) => view.visible && view.width > 0 && view.height > 0);
  if (all.length === 0) return HIDDEN;
  const combined: View = {
    visible: true,
    width: Math.max(...all.map((view) => view.width)),
    height: Math.max(...all.map((view) => view.height)),
  };
  if (all.some((view) => view.pinned === true)) combined.pinned = true;
  return combined;
}

export type ViewBook = ReturnType<typeof createViewBook>;

/** Gathers who looks at which track, as a tile, as picture in picture or just in case, and tells the track the sum. */
export function createViewBook() {
  const claims = new Map<RemoteTrack, Map<unknown, View>>();

  /** Sets what one place needs of a track; null when it is gone. */
  function claim(track: RemoteTrack, owner: unknown, view: View | null): void {
    const ofTrack = claims.get(track) ?? new Map<unknown, View>();
    if (view === null) ofTrack.delete(owner);
    else ofTrack.set(owner, view);
    if (ofTrack.size === 0) claims.delete(track);
    else claims.set(track, ofTrack);
    track.setView(combineViews(ofTrack.values()));
  }

  return { claim };
}
