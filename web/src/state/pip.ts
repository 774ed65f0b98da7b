import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import type { ViewBook } from '../media/view-book.ts';
import type { TrackView } from './people.ts';

/** What is asked for while the picture floats: its window is small. */
const PIP_VIEW = { visible: true, width: 640, height: 360 };

export type Pip = ReturnType<typeof createPip>;

/** Picture in picture: one floating video that follows the featured track, also while the page is hidden. */
export function createPip(featured: ReadonlySignal<TrackView | undefined>, views: ViewBook) {
  const active = signal(false);
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.className = 'pip-source';
  let stopFollowing = () => {};

  video.addEventListener('leavepictureinpicture', () => {
    active.value = false;
    stopFollowing();
    video.srcObject = null;
    video.remove();
  });

  // The view is made anew with every event; these change only when what is shown does.
  const track = computed(() => featured.value?.mediaTrack ?? null);
  const remote = computed(() => featured.value?.remote ?? null);

  function follow(): () => void {
    const stopShowing = effect(() => {
      if (track.value === null) return;
      video.srcObject = new MediaStream([track.value]);
      video.play().catch(() => undefined); // The next track has taken over.
    });
    const stopClaiming = effect(() => {
      const claimed = remote.value;
      if (claimed === null) return;
      views.claim(claimed, video, PIP_VIEW);
      return () => views.claim(claimed, video, null);
    });
    return () => {
      stopShowing();
      stopClaiming();
    };
  }

  async function start(): Promise<void> {
    document.body.append(video);
    stopFollowing = follow();
    try {
      await new Promise<void>((resolve, reject) => {
        video.addEventListener('loadedmetadata', () => resolve(), { once: true });
        setTimeout(() => reject(new Error('There is no picture to float.')), 3000);
      });
      await video.requestPictureInPicture();
      active.value = true;
    } catch (error) {
      stopFollowing();
      video.remove();
      throw error;
    }
  }

  async function stop(): Promise<void> {
    if (document.pictureInPictureElement === video) await document.exitPictureInPicture();
  }

  return { active, start, stop, available: document.pictureInPictureEnabled === true };
}
