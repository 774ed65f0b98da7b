import { endpoints, type Scope } from '@amphi/protocol/api';
import { type Command, defineCommand } from '../command.ts';
import { number } from '../lib/policy.ts';
import { table, time } from '../lib/table.ts';

export const keys: readonly Command[] = [
  defineCommand({
    name: 'keys list',
    about: 'The API keys that there are.',
    args: [],
    options: {},
    async run({ api, print }) {
      const answer = await api.call(endpoints['keys.list']);
      const rows = answer.keys.map((key) => [
        ...[key.id, key.name, key.scopes.join(','), time(key.createdAt)],
        ...[time(key.usedAt), time(key.expiresAt)],
      ]);
      print(answer, table(['KEY', 'NAME', 'GOOD FOR', 'MADE', 'LAST USED', 'UNTIL'], rows, 'There are no keys.'));
    },
  }),
  defineCommand({
    name: 'keys create',
    about: 'Makes an API key and prints it, once.',
    args: ['<name>'],
    options: {
      scope: {
        about: 'What it is good for: rooms.read, rooms.write, members, tokens, audit, webhooks, keys.',
        value: 'SCOPES',
        list: true,
      },
      days: { about: 'How long it is good; else until it is revoked.', value: 'N' },
    },
    async run({ api, print }, [name = ''], { scope, days }) {
      const body = {
        name,
        scopes: scope as Scope[] | undefined,
        days: days === undefined ? undefined : number('days', days),
      };
      const made = await api.call(endpoints['keys.create'], { body });
      print(made, `${made.key}\nGood for ${made.scopes.join(', ')}. It is not shown again.`);
    },
  }),
  defineCommand({
    name: 'keys revoke',
    about: 'Revokes an API key, named by its id.',
    args: ['<key>'],
    options: {},
    async run({ api, print }, [key = '']) {
      await api.call(endpoints['keys.revoke'], { params: { key } });
      print({ revoked: key }, 'Revoked.');
    },
  }),
];
