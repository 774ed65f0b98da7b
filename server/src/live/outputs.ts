import type { LiveOutputs } from '@amphi/features/live/server.ts';

/** What serves an audience beside WebRTC: nothing does yet. */
export function createLiveOutputs(): LiveOutputs {
  return { open() {}, setLayout() {}, close() {}, hls: () => null };
}
