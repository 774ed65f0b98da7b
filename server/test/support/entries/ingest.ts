import { expect } from 'vitest';
import type { Entries } from './entry.ts';

/** What arrives of the stage; what is measured of it is tried in ingest.int.test.ts. */
export const ingestEntries: Entries<'ingest.read'> = {
  'ingest.read': {
    good: () => ({}),
    async effect({ alice }) {
      const producerId = await alice.publishCamera();
      const { tracks } = await alice.wire.call('ingest.read', {});
      expect(tracks).toContainEqual(
        expect.objectContaining({ producerId, memberId: alice.id, source: 'camera', codec: 'vp8', bitrate: 0 }),
      );
    },
    bad: [],
  },
};
