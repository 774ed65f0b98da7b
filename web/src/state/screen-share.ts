import type { Call, LocalMedia } from '@amphi/client';
import { signal } from '@preact/signals';

export type ScreenShare = ReturnType<typeof createScreenShare>;

/** Shares a screen, window or tab, with its sound where the browser offers that, until stopped here or in the browser. */
export function createScreenShare(call: Call, local: LocalMedia, onFailed: (error: unknown) => void) {
  const sharing = signal(false);
  let tracks: MediaStreamTrack[] = [];

  async function start(): Promise<void> {
    try {
      const screen = await local.openScreen();
      if (screen === null) return;
      tracks = screen.audio === null ? [screen.video] : [screen.video, screen.audio];
      sharing.value = true;
      // The browser's own "Stop sharing" button ends the track.
      screen.video.addEventListener('ended', () => void stop(), { once: true });
      await call.publish({ source: 'screen', track: screen.video });
      if (screen.audio !== null) await call.publish({ source: 'screen-audio', track: screen.audio });
    } catch (error) {
      await stop();
      onFailed(error);
    }
  }

  async function stop(): Promise<void> {
    sharing.value = false;
    for (const track of tracks.splice(0)) track.stop();
    await Promise.allSettled([
      call.publications.get('screen')?.close(),
      call.publications.get('screen-audio')?.close(),
    ]);
  }

  // A moderator, or the room's policy, ended it.
  const off = call.on('publication', ({ source, closed }) => {
    if (closed && source === 'screen' && sharing.value) void stop();
  });

  return { sharing, start, stop, close: off, available: 'getDisplayMedia' in (navigator.mediaDevices ?? {}) };
}
