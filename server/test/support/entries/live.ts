import { expect } from 'vitest';
import { given, type Scene } from '../scene.ts';
import { but, type Entries, nothing, type RefusedInput, without } from './entry.ts';
import { badMembers } from './members.ts';

type Names =
  | 'live.get'
  | 'live.prepare'
  | 'live.start'
  | 'live.stop'
  | 'live.update'
  | 'live.putCover'
  | 'live.setLayout'
  | 'live.deleteReplay'
  | 'live.react'
  | 'live.raiseHand'
  | 'live.invite'
  | 'live.answer'
  | 'live.leaveStage'
  | 'live.offStage';

const badTitles = [
  ['a title of 121 characters', but({ title: 'x'.repeat(121) }), 'title'],
  ['a title that is a number', but({ title: 7 }), 'title'],
  ['a title that is a list', but({ title: ['x'] }), 'title'],
] as const;

const badDescriptions = [
  ['a description of 2001 characters', but({ description: 'x'.repeat(2001) }), 'description'],
  ['a description that is a list', but({ description: ['x'] }), 'description'],
] as const;

/** A whole picture of one pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** Those who are not of this room's audience: members of the call, people of another room, people who are not in. */
const notInAudience = [
  ['a member that there is not', but<object>({ memberId: 'nobody' }), 'not-found'],
  ['Bob, who is in the call', (good: object, { bob }) => ({ ...good, memberId: bob.id }), 'not-found'],
  ['Alice herself', (good: object, { alice }) => ({ ...good, memberId: alice.id }), 'not-found'],
  ['Sam, who is elsewhere', (good: object, { sam }) => ({ ...good, memberId: sam.id }), 'not-found'],
  ['Vera, who is not in', (good: object, { vera }) => ({ ...good, memberId: vera.id }), 'not-found'],
] as const satisfies readonly RefusedInput<object>[];

const byWalt = ({ walt }: Scene) => given(walt).wire;

/** An event for an audience: its steps, and the way on stage and back. */
export const liveEntries: Entries<Names> = {
  'live.get': {
    watched: 'live',
    good: () => ({}),
    async effect(_scene, output) {
      expect(output).toMatchObject({
        event: { state: 'live', title: 'Launch', startedAt: expect.any(Number), endedAt: null },
        hls: null,
        now: expect.any(Number),
        audience: { peak: 1 },
        hands: [],
        self: null,
      });
      await nothing();
    },
    bad: [],
  },

  'live.prepare': {
    good: () => ({ title: ' Launch ' }),
    async effect({ bob, cast, room }, { event }) {
      expect(event).toEqual({
        state: 'backstage',
        title: 'Launch',
        description: '',
        cover: null,
        layout: 'speaker',
        startedAt: null,
        endedAt: null,
      });
      expect(await bob.wire.take('live.changed')).toEqual({ event, hls: null });
      // Whoever has the watch link could walk into the call otherwise.
      const { policy } = await bob.wire.take('room.updated');
      expect(policy).toMatchObject({ audience: 'backstage', lobby: true });
      const walt = await cast.join(room, { name: 'Walt', audience: true });
      expect(walt.snapshot.members.map(({ name }) => name)).toEqual(['Walt']);
    },
    bad: [...badTitles, ...badDescriptions],
  },

  'live.start': {
    watched: 'backstage',
    good: () => ({}),
    async effect({ bob, walt }, { event }) {
      expect(event).toMatchObject({ state: 'live', title: 'Launch', startedAt: expect.any(Number), endedAt: null });
      expect(await bob.wire.take('live.changed')).toEqual({ event, hls: null });
      expect((await bob.wire.take('room.updated')).policy.audience).toBe('live');
      const { wire } = given(walt);
      const { self } = await wire.take('self.changed');
      expect(self.permissions).toEqual(expect.arrayContaining(['subscribe', 'chat']));
      const { snapshot } = await wire.take('session.snapshot');
      expect(snapshot.members.map(({ name }) => name)).toEqual(['Alice', 'Bob', 'Walt']);
      await given(walt).caughtUp();
      wire.inbox.clear();
    },
    bad: [],
  },

  'live.stop': {
    watched: 'live',
    hand: 'on-stage',
    good: () => ({}),
    async effect({ alice, bob, walt }, { event }) {
      expect(event).toMatchObject({ state: 'ended', title: 'Launch', endedAt: expect.any(Number) });
      const guest = given(walt);
      expect(await bob.wire.take('member.left')).toMatchObject({ memberId: guest.id });
      expect(await alice.wire.take('live.hands')).toEqual({ hands: [] });
      expect(await bob.wire.take('live.changed')).toEqual({ event, hls: null });
      expect((await bob.wire.take('room.updated')).policy.audience).toBe('ended');
      const { self } = await guest.wire.take('self.changed', (data) => !data.self.permissions.includes('subscribe'));
      expect(self.role).toBe('viewer');
      await guest.wire.take('session.snapshot', ({ snapshot }) => snapshot.members.length === 1);
      await guest.caughtUp();
      guest.wire.inbox.clear();
    },
    bad: [],
    again: 'wrong-state',
  },

  'live.update': {
    watched: 'live',
    good: () => ({ title: ' Keynote ' }),
    async effect({ bob, walt }, { event }) {
      expect(event).toMatchObject({ state: 'live', title: 'Keynote' });
      for (const { wire } of [bob, given(walt)]) expect(await wire.take('live.changed')).toEqual({ event, hls: null });
    },
    bad: [
      ...badTitles,
      ...badDescriptions,
      ['a cover that is an address', but({ cover: 'https://elsewhere.example' }), 'cover'],
    ],
    refused: [
      ['the title that it has', but({ title: 'Launch' }), 'ok'],
      ['nothing', () => ({}), 'ok'],
    ],
  },

  'live.putCover': {
    good: () => ({}),
    async effect({ server, bob }, { path }) {
      // What is too large is answered before it is read, and the connection closed: the next one needs another.
      const headers = { connection: 'close' };
      const put = (body: Buffer<ArrayBuffer>) => fetch(new URL(path, server.url), { method: 'PUT', body, headers });
      expect((await put(Buffer.from('<svg onload="alert(1)"/>'))).status).toBe(400);
      expect((await put(Buffer.alloc(200 * 1024 + 1))).status).toBe(413);
      expect((await put(PNG)).status).toBe(204);
      expect((await put(PNG)).status).toBe(404);
      const { event } = await bob.wire.take('live.changed');
      const got = await fetch(new URL(event.cover ?? '', server.url));
      expect(got.headers.get('content-type')).toBe('image/png');
      expect(got.headers.get('x-content-type-options')).toBe('nosniff');
      expect(Buffer.from(await got.arrayBuffer())).toEqual(PNG);
      expect((await fetch(new URL(`${event.cover}x`, server.url))).status).toBe(404);
    },
    bad: [],
  },

  'live.setLayout': {
    watched: 'live',
    good: () => ({ layout: 'grid' }),
    async effect({ bob, walt }, { event }) {
      expect(event).toMatchObject({ state: 'live', layout: 'grid' });
      for (const { wire } of [bob, given(walt)]) expect(await wire.take('live.changed')).toEqual({ event, hls: null });
    },
    bad: [
      ['no layout', without('layout'), 'layout'],
      ['a layout that there is not', but({ layout: 'mosaic' }), 'layout'],
    ],
    refused: [['the layout that it has', but({ layout: 'speaker' }), 'ok']],
  },

  'live.deleteReplay': {
    watched: 'live',
    good: () => ({}),
    async effect({ bob, walt }) {
      // Of what is live nothing is deleted.
      for (const { wire } of [bob, given(walt)]) {
        expect(await wire.take('live.changed')).toMatchObject({ event: { state: 'live' }, hls: null });
      }
    },
    bad: [],
  },

  'live.react': {
    watched: 'live',
    good: () => ({ reaction: '👏' }),
    async effect({ alice, bob, walt }) {
      const counts = { '👏': 1 };
      for (const { wire } of [alice, bob, given(walt)]) expect(await wire.take('live.reactions')).toEqual({ counts });
    },
    bad: [
      ['no reaction', without('reaction'), 'reaction'],
      ['an unknown reaction', but({ reaction: '🙈' }), 'reaction'],
      ['a text', but({ reaction: 'hello' }), 'reaction'],
      ['two at once', but({ reaction: ['👏', '👏'] }), 'reaction'],
    ],
  },

  'live.raiseHand': {
    watched: 'live',
    by: byWalt,
    good: () => ({ raised: true }),
    async effect({ alice, walt }) {
      const hand = { memberId: given(walt).id, name: 'Walt', state: 'raised', since: expect.any(Number) };
      expect(await alice.wire.take('live.hands')).toEqual({ hands: [hand] });
      // Nor does the audience learn whose hands are up.
      expect(await given(walt).wire.call('live.get', {})).toMatchObject({ hands: [], self: 'raised' });
    },
    bad: [
      ['nothing said', without('raised'), 'raised'],
      ['a hand as text', but({ raised: 'yes' }), 'raised'],
    ],
    refused: [['a hand that is not up', but({ raised: false }), 'ok']],
  },

  'live.invite': {
    watched: 'live',
    good: ({ walt }) => ({ memberId: given(walt).id }),
    async effect({ alice, walt }) {
      expect(await given(walt).wire.take('live.invited')).toEqual({ by: 'Alice' });
      const { hands } = await alice.wire.take('live.hands');
      expect(hands).toMatchObject([{ memberId: given(walt).id, name: 'Walt', state: 'invited' }]);
    },
    bad: badMembers,
    refused: notInAudience,
  },

  'live.answer': {
    watched: 'live',
    hand: 'invited',
    by: byWalt,
    good: () => ({ accept: true }),
    async effect({ alice, bob, walt }) {
      const guest = given(walt);
      for (const { wire } of [alice, bob]) {
        expect((await wire.take('member.joined')).member).toMatchObject({ id: guest.id, role: 'speaker' });
      }
      const { hands } = await alice.wire.take('live.hands');
      expect(hands).toMatchObject([{ memberId: guest.id, state: 'on-stage' }]);
      const { self } = await guest.wire.take('self.changed');
      expect(self.permissions).toContain('publish.video');
      await guest.wire.take('member.updated');
    },
    bad: [
      ['no answer', without('accept'), 'accept'],
      ['an answer as text', but({ accept: 'yes' }), 'accept'],
    ],
    again: 'wrong-state',
  },

  'live.leaveStage': {
    watched: 'live',
    hand: 'on-stage',
    by: byWalt,
    good: () => ({}),
    effect: seatedAgain,
    bad: [],
    again: 'wrong-state',
  },

  'live.offStage': {
    watched: 'live',
    hand: 'on-stage',
    good: ({ walt }) => ({ memberId: given(walt).id }),
    effect: seatedAgain,
    bad: badMembers,
    refused: notInAudience,
  },
};

/** Walt is of the audience again, and nobody sees him any more. */
async function seatedAgain({ alice, bob, walt }: Scene): Promise<void> {
  const guest = given(walt);
  for (const { wire } of [alice, bob]) expect((await wire.take('member.left')).memberId).toBe(guest.id);
  expect(await alice.wire.take('live.hands')).toEqual({ hands: [] });
  const { self } = await guest.wire.take('self.changed');
  expect(self.role).toBe('viewer');
  expect(self.permissions).not.toContain('publish.video');
  await guest.wire.take('member.updated');
  expect((await bob.sync()).members.map(({ id }) => id)).toEqual([alice.id, bob.id]);
}
