import type { ServerFeature } from '@amphi/rooms';
import { chat } from './chat/server.ts';
import { createIngestFeature, type IngestInspector } from './ingest/server.ts';
import { createLiveFeature, type LiveCovers, type LiveOutputs, type LiveIngest } from './live/server.ts';
import { createPushFeature, type PushOutputs } from './push/server.ts';
import { createRecordingFeature, type RoomLibrary, type RoomRecorder } from './recording/server.ts';

/** What features need of the server besides the room. */
export type FeatureServices = {
  recorder: RoomRecorder;
  library: RoomLibrary;
  outputs: LiveOutputs;
  covers: LiveCovers;
  push: PushOutputs;
  inspector: IngestInspector;
  ingest: LiveIngest;
};

/** Every feature's server half: one line each. */
export function createServerFeatures(services: FeatureServices): readonly ServerFeature[] {
  const { recorder, library, outputs, covers, push, inspector, ingest } = services;
  return [
    chat,
    createIngestFeature(inspector),
    createLiveFeature(outputs, covers, ingest),
    createPushFeature(push),
    createRecordingFeature(recorder, library),
  ];
}
