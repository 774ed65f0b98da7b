import type { ServerFeature } from '@amphi/rooms';
import { chat } from './chat/server.ts';
import { createLiveFeature, type LiveOutputs } from './live/server.ts';
import { createRecordingFeature, type RoomLibrary, type RoomRecorder } from './recording/server.ts';

/** What features need of the server besides the room. */
export type FeatureServices = { recorder: RoomRecorder; library: RoomLibrary; outputs: LiveOutputs };

/** Every feature's server half: one line each. */
export function createServerFeatures({ recorder, library, outputs }: FeatureServices): readonly ServerFeature[] {
  return [chat, createLiveFeature(outputs), createRecordingFeature(recorder, library)];
}
