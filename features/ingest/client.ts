import type { Call } from '@amphi/client';
import type { OutputOf } from '@amphi/protocol';
import type { IngestMethods, IngestTrack } from './protocol.ts';

export type { IngestTrack } from './protocol.ts';

/** What the server receives of everybody on stage. Rejects with the server's AmphiError. */
export async function readIngest(call: Call): Promise<IngestTrack[]> {
  const answer = (await call.request('ingest.read', {})) as OutputOf<IngestMethods, 'ingest.read'>;
  return answer.tracks;
}
