import { type ApiRoom, endpoints } from '@amphi/protocol/api';
import { type Command, defineCommand } from '../command.ts';
import { policyOf, POLICY_OPTIONS } from '../lib/policy.ts';
import { readText } from '../lib/target.ts';
import { table, time } from '../lib/table.ts';

export const rooms: readonly Command[] = [
  defineCommand({
    name: 'rooms list',
    about: 'The rooms, by their ids.',
    args: [],
    options: {
      limit: { about: 'Most rooms to show; 50 by default, 200 at most.', value: 'N' },
      after: { about: 'The last id of the page before.', value: 'ROOM' },
    },
    async run({ api, print }, _args, { limit, after }) {
      const answer = await api.call(endpoints['rooms.list'], { query: { limit, after } });
      const rows = answer.rooms.map((room) => [
        room.id,
        String(room.live?.members ?? 0),
        time(room.usedAt),
        facts(room),
      ]);
      const more = answer.next === undefined ? '' : `\nThere are more: --after ${answer.next}`;
      print(answer, table(['ROOM', 'PEOPLE', 'LAST USED', 'POLICY'], rows, 'There are no rooms.') + more);
    },
  }),
  defineCommand({
    name: 'rooms create',
    about: 'Makes a room and prints its links.',
    args: ['[room]'],
    options: POLICY_OPTIONS,
    async run({ api, print }, [id], options) {
      const room = await api.call(endpoints['rooms.create'], { body: { id, policy: policyOf(options, readText) } });
      print(room, `For guests: ${room.url}\nFor hosts:  ${room.hostUrl}`);
    },
  }),
  defineCommand({
    name: 'rooms show',
    about: 'One room with its policy.',
    args: ['<room>'],
    options: {},
    async run({ api, print }, [room = '']) {
      const found = await api.call(endpoints['rooms.get'], { params: { room } });
      print(found, details(found));
    },
  }),
  defineCommand({
    name: 'rooms set',
    about: 'Changes the policy of a room.',
    args: ['<room>'],
    options: POLICY_OPTIONS,
    async run({ api, print }, [room = ''], options) {
      const policy = policyOf(options, readText);
      const changed = await api.call(endpoints['rooms.update'], { params: { room }, body: { policy } });
      print(changed, details(changed));
    },
  }),
  defineCommand({
    name: 'rooms end',
    about: 'Ends the call for everybody in it; the room stays.',
    args: ['<room>'],
    options: {},
    async run({ api, print }, [room = '']) {
      await api.call(endpoints['rooms.end'], { params: { room } });
      print({ ended: room }, 'Ended.');
    },
  }),
  defineCommand({
    name: 'rooms delete',
    about: 'Ends the call and deletes the room.',
    args: ['<room>'],
    options: {},
    async run({ api, print }, [room = '']) {
      await api.call(endpoints['rooms.delete'], { params: { room } });
      print({ deleted: room }, 'Deleted.');
    },
  }),
];

function facts({ policy }: ApiRoom): string {
  const flags = (['locked', 'lobby', 'password'] as const).filter((key) => policy[key]);
  return flags.length === 0 ? 'open' : flags.join(', ');
}

function details(room: ApiRoom): string {
  const people = room.live === null ? 'nobody' : `${room.live.members}, and ${room.live.waiting} in the lobby`;
  const policy = Object.entries(room.policy).map(([key, value]) => [key, String(value)]);
  const rows = [
    ['link', room.url],
    ['people', people],
    ['made', time(room.createdAt)],
    ['last used', time(room.usedAt)],
  ];
  return table(['ROOM', room.id], [...rows, ...policy]);
}
