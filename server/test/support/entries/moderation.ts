import { expect } from 'vitest';
import { joinInput } from '../cast.ts';
import { given } from '../scene.ts';
import { but, type Entries, without } from './entry.ts';
import { badMembers, foreignMembers } from './members.ts';

type Names = 'moderate.mute' | 'moderate.ask' | 'moderate.remove' | 'moderate.bans' | 'moderate.unban';

/** What moderators do to members. */
export const moderationEntries: Entries<Names> = {
  'moderate.mute': {
    good: ({ bob }) => ({ memberId: bob.id, sources: ['camera', 'screen'] }),
    async effect({ alice, bob, bobCamera }) {
      expect(await bob.wire.take('self.muted')).toEqual({ sources: ['camera'], by: 'Alice' });
      const { memberId, producer } = await alice.wire.take('producer.updated');
      expect({ memberId, producer }).toMatchObject({ memberId: bob.id, producer: { id: bobCamera, muted: true } });
      // Consent is the person's own.
      await bob.wire.call('producer.update', { producerId: bobCamera, muted: false });
      expect((await alice.wire.take('producer.updated')).producer.muted).toBe(false);
    },
    bad: [
      ['an empty member', but({ memberId: '' }), 'memberId'],
      ['no sources', without('sources'), 'sources'],
      ['an empty list', but({ sources: [] }), 'sources'],
      ['an unknown source', but({ sources: ['webcam'] }), 'sources.0'],
      ['five sources', but({ sources: Array(5).fill('camera') }), 'sources'],
    ],
    refused: [
      ...foreignMembers,
      ['what Bob does not send', (good) => ({ ...good, sources: ['microphone', 'screen-audio'] }), 'ok'],
    ],
  },

  'moderate.ask': {
    good: ({ bob }) => ({ memberId: bob.id, source: 'microphone' }),
    async effect({ bob }) {
      expect(await bob.wire.take('self.asked')).toEqual({ source: 'microphone', by: 'Alice' });
    },
    bad: [...badMembers, ['no source', without('source'), 'source'], ['a screen', but({ source: 'screen' }), 'source']],
    refused: foreignMembers,
  },

  'moderate.remove': {
    third: true,
    good: ({ carol }) => ({ memberId: given(carol).id }),
    async effect({ alice, bob, carol, cast, room }) {
      const { id, wire, snapshot } = given(carol);
      expect(await wire.take('session.ended')).toEqual({ reason: 'removed' });
      await wire.closed();
      for (const other of [alice, bob]) {
        expect(await other.wire.take('member.left')).toEqual({ memberId: id, reason: 'removed' });
      }
      // The session does not come back, but the person may.
      const again = await cast.visit(room, {
        token: snapshot.self.pass,
        resume: { token: wire.welcome.resumeToken, seq: 0 },
      });
      expect(again.welcome).toMatchObject({ resumed: false, role: 'speaker' });
    },
    bad: [...badMembers, ['a ban as text', but({ ban: 'yes' }), 'ban']],
    refused: foreignMembers,
    again: 'not-found',
  },

  'moderate.bans': {
    ban: true,
    good: () => ({}),
    async effect({ banId }, { bans }) {
      expect(bans).toEqual([{ id: banId, name: 'Carol', by: 'Alice', at: expect.any(Number) }]);
    },
    bad: [],
  },

  'moderate.unban': {
    ban: true,
    good: ({ banId }) => ({ id: given(banId) }),
    async effect({ alice, bob, carol, cast, room }) {
      expect((await alice.wire.call('moderate.bans', {})).bans).toEqual([]);
      const again = await cast.visit(room, { token: given(carol).snapshot.self.pass });
      await again.call('join', joinInput(again, { name: 'Carol' }));
      expect((await bob.wire.take('member.joined')).member.name).toBe('Carol');
    },
    bad: [
      ['no id', without('id'), 'id'],
      ['an empty id', but({ id: '' }), 'id'],
    ],
    refused: [['a ban that there is not', but({ id: 'nothing' }), 'not-found']],
    again: 'not-found',
  },
};
