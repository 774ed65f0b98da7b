import { expect } from 'vitest';
import { but, type Entries, without } from './entry.ts';

type Names = 'recording.start' | 'recording.stop' | 'recording.consent' | 'recording.state';

/** A recording, its beginning and end, and what people say to it. */
export const recordingEntries: Entries<Names> = {
  'recording.start': {
    good: () => ({}),
    async effect({ bob }, { active, consent, last }) {
      expect({ active, consent, last }).toEqual({
        active: {
          ...{ id: expect.any(String), startedAt: expect.any(Number) },
          ...{ by: 'Alice', policy: 'tell', running: true, film: 'after' },
        },
        consent: 'given',
        last: null,
      });
      const { active: told, ...others } = await bob.wire.take('recording.changed');
      // Everybody is told before anything is read; then they are told that it runs.
      expect({ told, others }).toEqual({
        told: { ...active, running: false, startedAt: told?.startedAt },
        others: { consent: 'given', last: null },
      });
      expect((await bob.wire.take('member.joined')).member.role).toBe('recorder');
      expect(await bob.wire.take('recording.changed')).toEqual({ active, ...others });
    },
    bad: [
      ['a film at no known time', but({ film: 'before' }), 'film'],
      ['a film in no known layout', but({ layout: 'mosaic' }), 'layout'],
      ['a film of a size that is not made', but({ height: 480 }), 'height'],
    ],
    again: 'wrong-state',
  },

  'recording.stop': {
    recorded: true,
    good: () => ({}),
    async effect({ alice, bob }, output) {
      expect(output).toEqual({ active: null, consent: null, last: { id: expect.any(String), state: 'complete' } });
      expect(await bob.wire.take('recording.changed')).toEqual(output);
      await bob.wire.take('member.left');
      expect((await bob.sync()).members.map(({ id }) => id)).toEqual([alice.id, bob.id]);
    },
    bad: [],
    again: 'wrong-state',
  },

  'recording.consent': {
    recorded: true,
    good: () => ({ accept: false }),
    async effect({ bob }, { active, consent }) {
      expect(consent).toBe('refused');
      // What somebody says holds for that person only, and is nobody else's business.
      expect(await bob.wire.call('recording.state', {})).toEqual({ active, consent: 'given', last: null });
    },
    bad: [
      ['no answer', without('accept'), 'accept'],
      ['an answer as text', but({ accept: 'yes' }), 'accept'],
      ['an answer as a number', but({ accept: 1 }), 'accept'],
    ],
  },

  'recording.state': {
    recorded: true,
    good: () => ({}),
    async effect(_scene, { active, consent, last }) {
      expect(active).toMatchObject({ by: 'Alice', policy: 'tell' });
      expect({ consent, last }).toEqual({ consent: 'given', last: null });
    },
    bad: [],
  },
};
