import type { Exceptions, PersonRole } from '@amphi/protocol';
import { endpoints } from '@amphi/protocol/api';
import { type Command, defineCommand } from '../command.ts';
import { number } from '../lib/policy.ts';
import { time } from '../lib/table.ts';

export const tokens: readonly Command[] = [
  defineCommand({
    name: 'tokens create',
    about: 'Makes a token that lets one person into a room, and a link with it.',
    args: ['<room>'],
    options: {
      user: { about: 'What your site calls the person, for good.', value: 'ID' },
      name: { about: 'What the others see; else the person chooses.', value: 'NAME' },
      role: { about: 'viewer, attendee, speaker (by default), cohost, host.', value: 'ROLE' },
      grant: { about: 'Rights beside those of the role, such as record.', value: 'RIGHTS', list: true },
      deny: {
        about: 'Rights that the role has and this person has not, such as publish.screen.',
        value: 'RIGHTS',
        list: true,
      },
      minutes: { about: 'How long somebody can come in with it; 10 by default.', value: 'N' },
    },
    async run({ api, print }, [room = ''], { user, name, role, grant, deny, minutes }) {
      const exceptions = grant || deny ? ({ grant: grant ?? [], deny: deny ?? [] } as Exceptions) : undefined;
      const seconds = minutes === undefined ? undefined : Math.round(number('minutes', minutes) * 60);
      const body = { user, name, role: role as PersonRole | undefined, exceptions, seconds };
      const made = await api.call(endpoints['tokens.create'], { params: { room }, body });
      print(made, `Token: ${made.token}\nLink:  ${made.url}\nUntil: ${time(made.expiresAt)}`);
    },
  }),
];
