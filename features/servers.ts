import type { ServerFeature } from '@amphi/rooms';
import { chat } from './chat/server.ts';
import { live } from './live/server.ts';
import { createRecordingFeature, type RoomLibrary, type RoomRecorder } from './recording/server.ts';

/** What features need of the server besides the room. */
export type FeatureServices = { recorder: RoomRecorder; library: RoomLibrary };

/** Every feature's server half: one line each. */
export function createServerFeatures({ recorder, library }: FeatureServices): readonly ServerFeature[] {
  return [chat, live, createRecordingFeature(recorder, library)];
}
