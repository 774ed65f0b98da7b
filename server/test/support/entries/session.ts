import { expect } from 'vitest';
import { joinInput } from '../cast.ts';
import { but, type Entries, nothing, without } from './entry.ts';

type Names = 'join' | 'leave' | 'self.update' | 'session.sync' | 'session.ping' | 'chat.send' | 'chat.history';

const badNames = [
  ['an empty name', but({ name: '' }), 'name'],
  ['a name of spaces', but({ name: ' \t ' }), 'name'],
  ['a name of 65 characters', but({ name: 'x'.repeat(65) }), 'name'],
  ['a name with a line break', but({ name: 'Al\nice' }), 'name'],
  ['a name that turns the writing direction', but({ name: 'Al\u202eice' }), 'name'],
  ['a name that is a list', but({ name: ['Alice'] }), 'name'],
  ['a name that is a number', but({ name: 7 }), 'name'],
] as const;

/** Who is in the room, what the members see of it, and what they write. */
export const sessionEntries: Entries<Names> = {
  join: {
    good: ({ vera }) => joinInput(vera, { name: '  Vera  ' }),
    async effect({ vera, alice, bob, aliceCamera, bobCamera }, { snapshot, transports }) {
      for (const { wire } of [alice, bob]) {
        const { member } = await wire.take('member.joined');
        expect(member).toMatchObject({ id: vera.id, name: 'Vera', presence: 'here', producers: [] });
      }
      expect(snapshot.selfId).toBe(vera.id);
      expect(snapshot.members.map(({ name }) => name)).toEqual(['Alice', 'Bob', 'Vera']);
      expect(snapshot.consumers.map((consumer) => consumer.producerId).toSorted()).toEqual(
        [aliceCamera, bobCamera].toSorted(),
      );
      expect(transports?.send.id).not.toBe(transports?.recv.id);
      const seen = await bob.sync();
      expect(seen.members.map(({ id }) => id)).toEqual([alice.id, bob.id, vera.id]);
    },
    bad: [
      ...badNames,
      ['no name', without('name'), 'name'],
      ['no capabilities', without('rtpCapabilities'), 'rtpCapabilities'],
      [
        'too many codecs',
        but({ rtpCapabilities: { codecs: Array.from({ length: 65 }, () => ({})) } }),
        'rtpCapabilities.codecs',
      ],
      ['measuring as a number', but({ measuring: 1 }), 'measuring'],
      ['direct as text', but({ direct: 'yes' }), 'direct'],
    ],
    again: 'wrong-state',
  },

  leave: {
    good: () => ({}),
    async effect({ alice, bob }) {
      expect(await bob.wire.take('member.left')).toEqual({ memberId: alice.id, reason: 'left' });
      expect(await alice.wire.take('session.ended')).toEqual({ reason: 'left' });
      await alice.wire.closed();
      const { members, consumers } = await bob.sync();
      expect(members.map(({ name }) => name)).toEqual(['Bob']);
      expect(consumers).toEqual([]);
    },
    bad: [],
  },

  'self.update': {
    good: () => ({ name: 'Alicia', quality: { level: 'poor', reason: 'loss-up' } }),
    async effect({ alice, bob }) {
      const patch = { name: 'Alicia', quality: { level: 'poor', reason: 'loss-up' } };
      for (const { wire } of [alice, bob]) {
        expect(await wire.take('member.updated')).toEqual({ memberId: alice.id, patch });
      }
      const { members } = await bob.sync();
      expect(members[0]).toMatchObject({ id: alice.id, ...patch });
    },
    bad: [
      ...badNames,
      ['an unknown quality', but({ quality: { level: 'great' } }), 'quality.level'],
      ['an unknown reason', but({ quality: { level: 'poor', reason: 'weather' } }), 'quality.reason'],
      ['a quality that is text', but({ quality: 'good' }), 'quality'],
    ],
  },

  'session.sync': {
    good: () => ({}),
    async effect({ alice, bob, bobCamera, consumers }, { snapshot }) {
      expect(snapshot).toMatchObject({ selfId: alice.id, consumers: [{ id: consumers.alice, producerId: bobCamera }] });
      expect(snapshot.members.map(({ id }) => id)).toEqual([alice.id, bob.id]);
    },
    bad: [],
  },

  'session.ping': {
    good: () => ({}),
    async effect(_scene, output) {
      expect(output).toEqual({});
    },
    bad: [],
  },

  'chat.send': {
    good: () => ({ text: '  hello <b>world</b> \u{1f44b} ' }),
    async effect({ alice, bob }, { message }) {
      expect(message).toMatchObject({ memberId: alice.id, name: 'Alice', text: 'hello <b>world</b> \u{1f44b}' });
      for (const { wire } of [alice, bob]) expect(await wire.take('chat.message')).toEqual({ message });
      expect((await bob.wire.call('chat.history', {})).messages).toEqual([message]);
    },
    bad: [
      ['no text', without('text'), 'text'],
      ['an empty text', but({ text: '' }), 'text'],
      ['a text of spaces', but({ text: ' \n ' }), 'text'],
      ['a text of 2001 characters', but({ text: 'x'.repeat(2001) }), 'text'],
      ['a text that is an object', but({ text: { toString: 'x' } }), 'text'],
    ],
  },

  'chat.history': {
    good: () => ({}),
    async effect(scene, output) {
      expect(output.messages).toEqual([]);
      await nothing();
    },
    bad: [],
  },
};
