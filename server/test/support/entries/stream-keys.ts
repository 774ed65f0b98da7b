import { expect } from 'vitest';
import { given } from '../scene.ts';
import { but, type Entries, type RefusedInput, without } from './entry.ts';

type Names = 'live.keys' | 'live.createKey' | 'live.rotateKey' | 'live.revokeKey';

const badIds = [
  ['no id', without<object>('id'), 'id'],
  ['an empty id', but<object>({ id: '' }), 'id'],
  ['an id that is a list', but<object>({ id: ['x'] }), 'id'],
] as const;

const foreignKeys = [
  ['a key that there is not', but<object>({ id: 'nothing' }), 'not-found'],
  [
    'a key of the other room',
    (good: object, { streamKey }) => ({ ...good, id: given(streamKey).foreign }),
    'not-found',
  ],
] as const satisfies readonly RefusedInput<object>[];

/** The keys with which programs publish; what they open is tried in whip.int.test.ts. */
export const streamKeyEntries: Entries<Names> = {
  'live.keys': {
    streamKey: true,
    good: () => ({}),
    async effect({ streamKey }, { keys }) {
      const { id, key } = given(streamKey);
      expect(keys).toEqual([{ id, name: 'OBS', createdAt: expect.any(Number), usedAt: null }]);
      expect(JSON.stringify(keys)).not.toContain(key);
    },
    bad: [],
  },

  'live.createKey': {
    good: () => ({ name: ' OBS ' }),
    async effect({ alice }, { id, key, passphrase }) {
      const { keys } = await alice.wire.call('live.keys', {});
      expect(keys).toMatchObject([{ id, name: 'OBS' }]);
      expect(passphrase).toMatch(/^[\w-]{32}$/);
      for (const secret of [key, passphrase]) expect(JSON.stringify(keys)).not.toContain(secret);
    },
    bad: [
      ['no name', without('name'), 'name'],
      ['a name of spaces', but({ name: '  ' }), 'name'],
      ['a name of 65 characters', but({ name: 'x'.repeat(65) }), 'name'],
    ],
  },

  'live.rotateKey': {
    streamKey: true,
    good: ({ streamKey }) => ({ id: given(streamKey).id }),
    async effect({ alice, streamKey }, { key, passphrase }) {
      expect(key).not.toBe(given(streamKey).key);
      expect(passphrase).not.toBe(given(streamKey).passphrase);
      expect((await alice.wire.call('live.keys', {})).keys).toMatchObject([{ id: given(streamKey).id, name: 'OBS' }]);
    },
    bad: badIds,
    refused: foreignKeys,
  },

  'live.revokeKey': {
    streamKey: true,
    good: ({ streamKey }) => ({ id: given(streamKey).id }),
    async effect({ alice }) {
      expect((await alice.wire.call('live.keys', {})).keys).toEqual([]);
    },
    bad: badIds,
    refused: foreignKeys,
    again: 'not-found',
  },
};
