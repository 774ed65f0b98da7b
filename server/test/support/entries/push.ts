import { expect } from 'vitest';
import { given } from '../scene.ts';
import { but, type Entries, nothing, type RefusedInput, without } from './entry.ts';

type Names = 'push.list' | 'push.add' | 'push.change' | 'push.remove' | 'push.start' | 'push.stop';

const badIds = [
  ['no id', without<object>('id'), 'id'],
  ['an id that is a list', but<object>({ id: ['x'] }), 'id'],
] as const;

const badTargets = [
  ['an address of the web', but<object>({ url: 'https://example.org/live' }), 'url'],
  ['an address with an option behind it', but<object>({ url: 'rtmp://example.org/live swfVfy=1' }), 'url'],
  ['an address of 501 characters', but<object>({ url: `rtmp://example.org/${'x'.repeat(482)}` }), 'url'],
  ['a key with a space', but<object>({ key: 'two words' }), 'key'],
  ['a name of 65 characters', but<object>({ name: 'x'.repeat(65) }), 'name'],
] as const;

const foreignTargets = [
  ['a target that there is not', but<object>({ id: 'nothing' }), 'not-found'],
  ['a target of the other room', (good: object, { push }) => ({ ...good, id: given(push).foreign }), 'not-found'],
] as const satisfies readonly RefusedInput<object>[];

const IDLE = { state: 'idle', reason: null, detail: null, since: expect.any(Number), retryAt: null };
const TUBE = { name: 'Tube', url: 'rtmp://127.0.0.1/live', keyEnd: 'host', auto: false, status: IDLE };

/** Where an event is pushed to; that it arrives is tried in server/src/push. */
export const pushEntries: Entries<Names> = {
  'push.list': {
    pushed: true,
    good: () => ({}),
    async effect({ push }, { targets }) {
      expect(targets).toEqual([{ id: given(push).id, ...TUBE }]);
      await nothing();
    },
    bad: [],
  },

  'push.add': {
    good: () => ({ name: ' Twitch ', url: 'rtmps://example.org/app', key: 'live_1234567890abcd' }),
    async effect({ alice }, { target }) {
      const { id } = target;
      const added = { id, name: 'Twitch', url: 'rtmps://example.org/app', keyEnd: 'abcd', auto: true, status: IDLE };
      expect(target).toEqual(added);
      const { targets } = await alice.wire.call('push.list', {});
      expect(targets).toEqual([added]);
    },
    bad: [['no key', without('key'), 'key'], ['no address', without('url'), 'url'], ...badTargets],
    refused: [['an address without an application', but({ url: 'rtmp://example.org' }), 'bad-request']],
  },

  'push.change': {
    pushed: true,
    good: ({ push }) => ({ id: given(push).id, name: 'Other', key: 'another-long-key-5678' }),
    async effect({ alice, push }, { target }) {
      const changed = { ...TUBE, id: given(push).id, name: 'Other', keyEnd: '5678' };
      expect(target).toEqual(changed);
      expect((await alice.wire.call('push.list', {})).targets).toEqual([changed]);
    },
    bad: [...badIds, ...badTargets],
    refused: [
      ...foreignTargets,
      [
        'another address with the key of before',
        ({ id }) => ({ id, url: 'rtmp://attacker.example/live' }),
        'bad-request',
      ],
    ],
  },

  'push.remove': {
    pushed: true,
    good: ({ push }) => ({ id: given(push).id }),
    async effect({ alice }) {
      expect((await alice.wire.call('push.list', {})).targets).toEqual([]);
    },
    bad: badIds,
    refused: foreignTargets,
    again: 'not-found',
  },

  'push.start': {
    watched: 'live',
    pushed: true,
    good: ({ push }) => ({ id: given(push).id }),
    async effect({ alice, push }, { target }) {
      expect(target).toMatchObject({ id: given(push).id, status: { state: 'connecting' } });
      const { targets } = await alice.wire.take('push.changed', (told) => told.targets[0]?.status.state === 'failed');
      expect(targets[0]?.status.reason).toBe('internal');
    },
    bad: badIds,
    refused: foreignTargets,
  },

  'push.stop': {
    pushed: true,
    good: ({ push }) => ({ id: given(push).id }),
    async effect({ push }, { target }) {
      expect(target).toEqual({ id: given(push).id, ...TUBE });
      await nothing();
    },
    bad: badIds,
    refused: foreignTargets,
  },
};
