import { signal } from '@preact/signals';

export const isFullscreen = signal(false);
document.addEventListener('fullscreenchange', () => {
  isFullscreen.value = document.fullscreenElement !== null;
});

/** Gives the whole screen to the page, or back. iPhones have no full screen for pages; nothing happens there. */
export async function toggleFullscreen(): Promise<void> {
  try {
    if (document.fullscreenElement === null) await document.documentElement.requestFullscreen();
    else await document.exitFullscreen();
  } catch {
    // Refused by the browser: the page stays as it is.
  }
}
