import { defineFeature, type ServerFeature } from '@amphi/rooms';
import { ingestMethods, type IngestReading } from './protocol.ts';

export type { RefusedProgram } from './protocol.ts';

/** What the feature needs of whatever measures. */
export interface IngestInspector {
  /** What arrives now. What is measured goes on being so for some seconds after the last call. */
  read(roomId: string): Promise<IngestReading>;
  /** The room is over. */
  close(roomId: string): void;
}

/** What arrives of the stage, for those who put the event on. */
export function createIngestFeature(inspector: IngestInspector): ServerFeature {
  return defineFeature({
    name: 'ingest',
    methods: ingestMethods,
    events: {},
    open: (room) => ({
      handlers: { 'ingest.read': () => inspector.read(room.id) },
      close: () => inspector.close(room.id),
    }),
  });
}
