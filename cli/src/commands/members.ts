import type { PersonRole, Source } from '@amphi/protocol';
import { endpoints } from '@amphi/protocol/api';
import { type Command, defineCommand } from '../command.ts';
import { table, time } from '../lib/table.ts';

export const members: readonly Command[] = [
  defineCommand({
    name: 'members list',
    about: 'Who is in a room now.',
    args: ['<room>'],
    options: {},
    async run({ api, print }, [room = '']) {
      const answer = await api.call(endpoints['members.list'], { params: { room } });
      const rows = answer.members.map(({ id, name, role, identity, joinedAt, producers }) => {
        const sends = producers.map(({ source, muted }) => (muted ? `${source} (muted)` : source));
        return [id, name, role, identity, time(joinedAt), sends.join(', ')];
      });
      print(answer, table(['MEMBER', 'NAME', 'ROLE', 'IDENTITY', 'JOINED', 'SENDS'], rows, 'Nobody is in it.'));
    },
  }),
  defineCommand({
    name: 'members role',
    about: 'Gives a member another role: viewer, attendee, speaker, cohost, host.',
    args: ['<room>', '<member>', '<role>'],
    options: {},
    async run({ api, print }, [room = '', member = '', role = '']) {
      const body = { role: role as PersonRole };
      const changed = await api.call(endpoints['members.update'], { params: { room, member }, body });
      print(changed, `${member} is ${changed.role} now.`);
    },
  }),
  defineCommand({
    name: 'members mute',
    about: 'Mutes a member.',
    args: ['<room>', '<member>'],
    options: {
      source: { about: 'What: microphone (by default), camera, screen, screen-audio.', value: 'SOURCE', list: true },
    },
    async run({ api, print }, [room = '', member = ''], { source }) {
      const body = { sources: source as Source[] | undefined };
      await api.call(endpoints['members.mute'], { params: { room, member }, body });
      print({ muted: member }, 'Muted.');
    },
  }),
  defineCommand({
    name: 'members remove',
    about: 'Puts a member out of a room.',
    args: ['<room>', '<member>'],
    options: { ban: { about: 'For good.' } },
    async run({ api, print }, [room = '', member = ''], { ban = false }) {
      await api.call(endpoints['members.remove'], { params: { room, member }, query: { ban: ban ? 'true' : 'false' } });
      print({ removed: member, ban }, ban ? 'Removed and banned.' : 'Removed.');
    },
  }),
  defineCommand({
    name: 'bans list',
    about: 'Who is banned from a room.',
    args: ['<room>'],
    options: {},
    async run({ api, print }, [room = '']) {
      const answer = await api.call(endpoints['bans.list'], { params: { room } });
      const rows = answer.bans.map(({ id, name, by, at }) => [id, name, by, time(at)]);
      print(answer, table(['BAN', 'NAME', 'BY', 'SINCE'], rows, 'Nobody is banned.'));
    },
  }),
  defineCommand({
    name: 'bans add',
    about: 'Bans somebody by identity (user:… or guest:…), whether there or not.',
    args: ['<room>', '<identity>'],
    options: { name: { about: 'What the list of bans calls the person.', value: 'NAME' } },
    async run({ api, print }, [room = '', identity = ''], { name }) {
      const ban = await api.call(endpoints['bans.create'], { params: { room }, body: { identity, name } });
      print(ban, `Banned: ${ban.id}`);
    },
  }),
  defineCommand({
    name: 'bans lift',
    about: 'Lifts a ban.',
    args: ['<room>', '<ban>'],
    options: {},
    async run({ api, print }, [room = '', ban = '']) {
      await api.call(endpoints['bans.delete'], { params: { room, ban } });
      print({ lifted: ban }, 'Lifted.');
    },
  }),
];
