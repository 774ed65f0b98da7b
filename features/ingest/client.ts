import type { Call } from '@amphi/client';
import type { IngestReading } from './protocol.ts';

export type { IngestReading, IngestTrack, RefusedProgram } from './protocol.ts';

/** What the server receives of everybody on stage, and which programs it refused lately. Rejects with the server's AmphiError. */
export async function readIngest(call: Call): Promise<IngestReading> {
  return (await call.request('ingest.read', {})) as IngestReading;
}
