import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { given } from '../scene.ts';
import { but, type Entries, type RefusedInput, without } from './entry.ts';

type Names = 'recording.list' | 'recording.link' | 'recording.film' | 'recording.remove';

const badIds = [
  ['no id', without<object>('id'), 'id'],
  ['an id that is no UUID', but<object>({ id: '../kept' }), 'id'],
  ['an id that is a list', but<object>({ id: [randomUUID()] }), 'id'],
] as const;

const foreignRecordings = [
  ['a recording that there is not', but<object>({ id: randomUUID() }), 'not-found'],
  ['a recording of the other room', (good: object, { kept }) => ({ ...good, id: given(kept).foreign }), 'not-found'],
] as const satisfies readonly RefusedInput<object>[];

/** What was recorded of a room: its files, its films, and the end of both. */
export const libraryEntries: Entries<Names> = {
  'recording.list': {
    kept: true,
    good: () => ({}),
    async effect({ kept }, { recordings }) {
      const { id, file } = given(kept);
      expect(recordings).toMatchObject([{ id, state: 'complete', people: ['Ada'], films: [], jobs: [] }]);
      expect(recordings[0]?.tracks.map((track) => track.file)).toEqual([file]);
    },
    bad: [],
  },

  'recording.link': {
    kept: true,
    good: ({ kept }) => ({ id: given(kept).id, file: given(kept).file }),
    async effect({ server }, { path, expiresAt }) {
      expect(expiresAt).toBeGreaterThan(Date.now());
      const response = await fetch(new URL(path, server.url));
      expect(response.status).toBe(200);
      await response.body?.cancel();
    },
    bad: [
      ...badIds,
      ['no file', without('file'), 'file'],
      ['an empty file', but({ file: '' }), 'file'],
      ['a file with a name of 101 characters', but({ file: 'x'.repeat(101) }), 'file'],
    ],
    refused: [
      ...foreignRecordings,
      ['what is beside the recording', but({ file: 'manifest.json' }), 'not-found'],
      ['what is outside of it', but({ file: '../../amphi.db' }), 'not-found'],
    ],
  },

  'recording.film': {
    kept: true,
    good: ({ kept }) => ({ id: given(kept).id, layout: 'audio', height: 720 }),
    async effect({ alice, kept }) {
      // It waits, or is made already; how it looks is tried where films are made.
      const { recordings } = await alice.wire.call('recording.list', {});
      const [entry] = recordings.filter(({ id }) => id === given(kept).id);
      const films = [
        ...(entry?.jobs ?? []).map(({ layout }) => layout),
        ...(entry?.films ?? []).map(({ file }) => file),
      ];
      expect(films).toHaveLength(1);
      expect(films[0]).toContain('audio');
    },
    bad: [
      ...badIds,
      ['no layout', without('layout'), 'layout'],
      ['an unknown layout', but({ layout: 'mosaic' }), 'layout'],
      ['a height of 480', but({ height: 480 }), 'height'],
      ['a height as text', but({ height: '720' }), 'height'],
    ],
    refused: foreignRecordings,
  },

  'recording.remove': {
    kept: true,
    good: ({ kept }) => ({ id: given(kept).id }),
    async effect({ alice, sam }) {
      expect((await alice.wire.call('recording.list', {})).recordings).toEqual([]);
      expect((await sam.wire.call('recording.list', {})).recordings).toHaveLength(1);
    },
    bad: badIds,
    refused: foreignRecordings,
    again: 'not-found',
  },
};
