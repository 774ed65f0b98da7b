/**
 * Shows one track after the other without a flash between them: the next one is loaded in a second element that lies
 * below, and they change places when its first frame is there.
 */
export function createFlipVideo(videos: readonly [HTMLVideoElement, HTMLVideoElement]) {
  let active: HTMLVideoElement | null = null;
  let wanted: MediaStreamTrack | null = null;
  let cancel = () => {};

  function show(video: HTMLVideoElement): void {
    const old = active;
    active = video;
    video.dataset['active'] = '';
    if (old !== null && old !== video) clear(old);
  }

  function clear(video: HTMLVideoElement): void {
    delete video.dataset['active'];
    video.srcObject = null;
  }

  return {
    /** Shows this track as soon as it has a frame; null clears the picture at once. */
    set(track: MediaStreamTrack | null): void {
      if (track === wanted) return;
      wanted = track;
      cancel();
      if (track === null) {
        for (const video of videos) clear(video);
        active = null;
        return;
      }
      const next = active === videos[0] ? videos[1] : videos[0];
      next.srcObject = new MediaStream([track]);
      next.play().catch(() => undefined); // Muted video always may play; a refusal here is a newer track taking over.
      cancel = onFirstFrame(next, () => show(next));
    },
    /** The element that is seen now. */
    get active(): HTMLVideoElement | null {
      return active;
    },
    close(): void {
      cancel();
      for (const video of videos) clear(video);
    },
  };
}

/** Calls back once when the element has drawn a frame; answers what takes that back. */
function onFirstFrame(video: HTMLVideoElement, done: () => void): () => void {
  if ('requestVideoFrameCallback' in video) {
    const handle = video.requestVideoFrameCallback(done);
    return () => video.cancelVideoFrameCallback(handle);
  }
  const element = video as HTMLVideoElement;
  element.addEventListener('loadeddata', done, { once: true });
  return () => element.removeEventListener('loadeddata', done);
}
