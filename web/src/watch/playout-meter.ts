import { signal } from '@preact/signals';

/** How much of the last value is kept at every frame: some two seconds until a change is seen in full. */
const KEEP = 0.97;
/** Not more often than this, so that a number on the screen can be read. */
const TELL_EVERY_MS = 1000;

/** Measures from frame to frame how long pictures take from their arrival to the screen. */
export function createPlayoutMeter() {
  const delayMs = signal<number | null>(null);
  let mean: number | null = null;
  let toldAt = -Infinity;
  return {
    delayMs,
    frame(video: HTMLVideoElement, { receiveTime, expectedDisplayTime }: VideoFrameCallbackMetadata): void {
      // Browsers that do not say when a frame came leave the delay unknown.
      if (receiveTime === undefined || !video.isConnected) return;
      const took = Math.max(0, expectedDisplayTime - receiveTime);
      mean = mean === null ? took : mean * KEEP + took * (1 - KEEP);
      if (expectedDisplayTime - toldAt < TELL_EVERY_MS) return;
      toldAt = expectedDisplayTime;
      delayMs.value = Math.round(mean);
    },
  };
}
