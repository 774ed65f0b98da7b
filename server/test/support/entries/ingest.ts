import { expect } from 'vitest';
import type { Entries } from './entry.ts';

/** What arrives of the stage; what is measured of it is tried in ingest.int.test.ts. */
export const ingestEntries: Entries<'ingest.read'> = {
  'ingest.read': {
    good: () => ({}),
    async effect({ alice, aliceCamera, bob, bobCamera }, { tracks, refused }) {
      expect(refused).toEqual([]);
      const told = tracks.map(({ memberId, producerId, codec, bitrate }) => ({ memberId, producerId, codec, bitrate }));
      // Those of this room and no other, of which not a packet is sent.
      expect(told).toEqual([
        { memberId: alice.id, producerId: aliceCamera, codec: 'vp8', bitrate: 0 },
        { memberId: bob.id, producerId: bobCamera, codec: 'vp8', bitrate: 0 },
      ]);
    },
    bad: [],
  },
};
