import type { Call } from '@amphi/client';
import { createChat } from './chat/client.ts';
import { createLive } from './live/client.ts';
import { createPush } from './push/client.ts';
import { createRecording } from './recording/client.ts';

/** The client halves of all features for one call: one line each. */
export function createFeatures(call: Call) {
  return {
    chat: createChat(call),
    live: createLive(call),
    push: createPush(call),
    recording: createRecording(call),
  };
}
export type Features = ReturnType<typeof createFeatures>;
