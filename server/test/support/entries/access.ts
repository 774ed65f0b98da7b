import { expect } from 'vitest';
import { joinInput } from '../cast.ts';
import { given } from '../scene.ts';
import { but, type Entries, without } from './entry.ts';
import { badMembers, foreignMembers } from './members.ts';

type Names =
  | 'lobby.knock'
  | 'lobby.admit'
  | 'lobby.deny'
  | 'lobby.write'
  | 'member.setRole'
  | 'member.setExceptions'
  | 'room.setPolicy'
  | 'room.end'
  | 'room.audit';

const badTexts = [
  ['no text', without('text'), 'text'],
  ['a text of spaces', but({ text: ' \n ' }), 'text'],
  ['a text of 501 characters', but({ text: 'x'.repeat(501) }), 'text'],
] as const;

/** Who comes in, what people may do, and what the room allows. */
export const accessEntries: Entries<Names> = {
  'lobby.knock': {
    lobby: true,
    good: () => ({ name: ' Vera ' }),
    async effect({ alice, vera, wanda }, { hosts }) {
      expect(hosts).toEqual(['Alice']);
      const { people } = await alice.wire.take('lobby.waiting', (data) => data.people.length === 2);
      expect(people.map(({ id, name }) => [id, name])).toEqual([
        [given(wanda).id, 'Wanda'],
        [vera.id, 'Vera'],
      ]);
      expect((await vera.send('join', joinInput(vera))).ok).toBe(false);
    },
    bad: [
      ['no name', without('name'), 'name'],
      ['an empty name', but({ name: '' }), 'name'],
      ['a name of 65 characters', but({ name: 'x'.repeat(65) }), 'name'],
      ['a name with a line break', but({ name: 'Ve\nra' }), 'name'],
      ['a name that turns the writing direction', but({ name: 'Ve\u202era' }), 'name'],
      ['a name that is a number', but({ name: 7 }), 'name'],
    ],
  },

  'lobby.admit': {
    lobby: true,
    good: ({ wanda }) => ({ ids: [given(wanda).id] }),
    async effect({ alice, bob, wanda }) {
      const admitted = given(wanda);
      expect(await admitted.take('lobby.decided')).toEqual({ admitted: true });
      expect(await alice.wire.take('lobby.waiting')).toEqual({ people: [] });
      await admitted.call('join', joinInput(admitted, { name: 'Wanda' }));
      expect((await bob.wire.take('member.joined')).member.name).toBe('Wanda');
    },
    bad: [
      ['no list', without('ids'), 'ids'],
      ['an empty list', but({ ids: [] }), 'ids'],
      ['a list of 501', but({ ids: Array(501).fill('x') }), 'ids'],
      ['numbers', but({ ids: [1] }), 'ids.0'],
    ],
    refused: [
      ['somebody who did not knock', (_good, { vera }) => ({ ids: [vera.id] }), 'ok'],
      ['somebody who is in', (_good, { bob }) => ({ ids: [bob.id] }), 'ok'],
      ['somebody of another room', (_good, { sam }) => ({ ids: [sam.id] }), 'ok'],
      ['nobody', () => ({ ids: ['__proto__', 'constructor'] }), 'ok'],
    ],
  },

  'lobby.deny': {
    lobby: true,
    good: ({ wanda }) => ({ id: given(wanda).id }),
    async effect({ alice, wanda }) {
      const denied = given(wanda);
      expect(await denied.take('lobby.decided')).toEqual({ admitted: false });
      expect(await alice.wire.take('lobby.waiting')).toEqual({ people: [] });
      const answer = await denied.send('join', joinInput(denied));
      expect(answer).toMatchObject({ ok: false, error: { code: 'lobby' } });
    },
    bad: [
      ['no id', without('id'), 'id'],
      ['an empty id', but({ id: '' }), 'id'],
      ['a huge id', but({ id: 'x'.repeat(65) }), 'id'],
    ],
    refused: [
      ['somebody who is in', (_good, { bob }) => ({ id: bob.id }), 'ok'],
      ['somebody of another room', (_good, { sam }) => ({ id: sam.id }), 'ok'],
    ],
  },

  'lobby.write': {
    lobby: true,
    good: ({ wanda }) => ({ id: given(wanda).id, text: ' five minutes ' }),
    async effect({ wanda, vera }) {
      expect(await given(wanda).take('lobby.message')).toEqual({ name: 'Alice', text: 'five minutes' });
      await vera.call('session.ping', {});
      expect(vera.inbox.rest((name) => name === 'lobby.message')).toEqual([]);
    },
    bad: [...badTexts, ['an empty id', but({ id: '' }), 'id']],
    refused: [
      ['somebody who did not knock', (good, { vera }) => ({ ...good, id: vera.id }), 'ok'],
      ['somebody who is in', (good, { bob }) => ({ ...good, id: bob.id }), 'ok'],
      ['somebody of another room', (good, { sam }) => ({ ...good, id: sam.id }), 'ok'],
    ],
  },

  'member.setRole': {
    good: ({ bob }) => ({ memberId: bob.id, role: 'attendee' }),
    async effect({ alice, bob, bobCamera }) {
      const removed = { memberId: bob.id, producerId: bobCamera };
      for (const { wire } of [alice, bob]) {
        expect(await wire.take('producer.removed')).toEqual(removed);
        const patch = { role: 'attendee', exceptions: { grant: [], deny: [] } };
        expect(await wire.take('member.updated')).toEqual({ memberId: bob.id, patch });
      }
      const { self } = await bob.wire.take('self.changed');
      expect(self).toMatchObject({ role: 'attendee' });
      expect(self.permissions).not.toContain('publish.video');
      const { members, consumers } = await alice.sync();
      expect(members[1]).toMatchObject({ id: bob.id, role: 'attendee', producers: [] });
      expect(consumers).toEqual([]);
    },
    bad: [
      ...badMembers,
      ['no role', without('role'), 'role'],
      ['a role of the server', but({ role: 'recorder' }), 'role'],
      ['an unknown role', but({ role: 'admin' }), 'role'],
    ],
    refused: foreignMembers,
  },

  'member.setExceptions': {
    good: ({ bob }) => ({ memberId: bob.id, exceptions: { grant: [], deny: ['publish.video', 'chat'] } }),
    async effect({ alice, bob, bobCamera }, _output, { exceptions }) {
      for (const { wire } of [alice, bob]) {
        expect(await wire.take('producer.removed')).toEqual({ memberId: bob.id, producerId: bobCamera });
        const patch = { role: 'speaker', exceptions };
        expect(await wire.take('member.updated')).toEqual({ memberId: bob.id, patch });
      }
      const { self } = await bob.wire.take('self.changed');
      expect(self).toMatchObject({ role: 'speaker', exceptions });
      expect(self.permissions).not.toContain('chat');
    },
    bad: [
      ...badMembers,
      ['no exceptions', without('exceptions'), 'exceptions'],
      [
        'a right that is nobody’s to give',
        but({ exceptions: { grant: ['moderate'], deny: [] } }),
        'exceptions.grant.0',
      ],
      ['a right that is nobody’s to take', but({ exceptions: { grant: [], deny: ['join'] } }), 'exceptions.deny.0'],
      ['too many', but({ exceptions: { grant: Array(7).fill('chat'), deny: [] } }), 'exceptions.grant'],
    ],
    refused: foreignMembers,
  },

  'room.setPolicy': {
    good: () => ({ allowChat: false, muteOnEntry: true }),
    async effect({ bob, vera }, { policy }) {
      expect(policy).toMatchObject({ allowChat: false, muteOnEntry: true, allowVideo: true, password: false });
      for (const wire of [bob.wire, vera]) expect(await wire.take('room.updated')).toEqual({ policy });
      const { self } = await bob.wire.take('self.changed');
      expect(self.permissions).not.toContain('chat');
      expect((await bob.wire.send('chat.send', { text: 'hello' })).ok).toBe(false);
    },
    bad: [
      ['locked as text', but({ locked: 'yes' }), 'locked'],
      ['a capacity of 0', but({ capacity: 0 }), 'capacity'],
      ['a capacity without end', but({ capacity: 10_001 }), 'capacity'],
      ['a short password', but({ password: '12345' }), 'password'],
      ['a huge password', but({ password: 'x'.repeat(129) }), 'password'],
      ['a password that is a truth value', but({ password: true }), 'password'],
      ['guests as hosts', but({ guestRole: 'host' }), 'guestRole'],
      ['an expiry before all time', but({ expiresAt: -1 }), 'expiresAt'],
      ['an unknown recording policy', but({ recording: 'secretly' }), 'recording'],
    ],
  },

  'room.end': {
    good: () => ({}),
    async effect({ alice, bob, vera, server, room }) {
      for (const wire of [alice.wire, bob.wire, vera]) {
        expect(await wire.take('session.ended')).toEqual({ reason: 'room-closed' });
        await wire.closed();
      }
      // The link is good for another call.
      expect((await fetch(new URL(`/api/rooms/${room}`, server.url))).status).toBe(200);
    },
    bad: [],
  },

  'room.audit': {
    ban: true,
    good: () => ({}),
    async effect({ alice, carol, room }, { entries }) {
      expect(entries).toHaveLength(1);
      expect(entries[0]).toMatchObject({
        roomId: room,
        action: 'moderate.remove',
        actorName: 'Alice',
        actorRole: 'host',
        targetName: 'Carol',
        details: { ban: true },
      });
      expect(entries[0]?.target).toMatch(/^guest:/);
      expect(JSON.stringify(entries)).not.toContain(given(carol).snapshot.self.pass);
      const before = entries[0]?.id ?? 0;
      expect((await alice.wire.call('room.audit', { before })).entries).toEqual([]);
    },
    bad: [
      ['no entries at all', but({ limit: 0 }), 'limit'],
      ['too many entries', but({ limit: 201 }), 'limit'],
      ['a broken id', but({ before: 1.5 }), 'before'],
    ],
  },
};
