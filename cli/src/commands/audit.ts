import { endpoints } from '@amphi/protocol/api';
import { type Command, defineCommand } from '../command.ts';
import { CliError } from '../lib/cli-error.ts';
import { table, time } from '../lib/table.ts';

const FILTER = {
  room: { about: 'Of this room only, which may be deleted already.', value: 'ROOM' },
  since: { about: 'From this day or time on, such as 2030-01-31.', value: 'TIME' },
  until: { about: 'Up to this day or time.', value: 'TIME' },
} as const;

export const audit: readonly Command[] = [
  defineCommand({
    name: 'audit',
    about: 'Who did what, the latest first.',
    args: [],
    options: {
      ...FILTER,
      limit: { about: 'Most entries to show; 50 by default, 200 at most.', value: 'N' },
      after: { about: 'The last number of the page before.', value: 'N' },
    },
    async run({ api, print }, _args, { room, since, until, limit, after }) {
      const query = { room, since: when('since', since), until: when('until', until), limit, after };
      const answer = await api.call(endpoints['audit.list'], { query });
      const rows = answer.entries.map((entry) => [
        ...[time(entry.at), entry.roomId || '-', `${entry.actorName} (${entry.actor})`, entry.action],
        ...[entry.targetName ?? entry.target ?? '', entry.details ? JSON.stringify(entry.details) : ''],
      ]);
      const more = answer.next === undefined ? '' : `\nThere is more: --after ${answer.next}`;
      print(answer, table(['AT', 'ROOM', 'WHO', 'WHAT', 'WHOM', 'DETAILS'], rows, 'Nothing was done.') + more);
    },
  }),
  defineCommand({
    name: 'audit export',
    about: 'Writes the whole log to standard output: a JSON object a line, or CSV.',
    args: [],
    options: { ...FILTER, format: { about: 'jsonl (by default) or csv.', value: 'FORMAT' } },
    async run({ api, write }, _args, { room, since, until, format }) {
      const query = {
        room,
        since: when('since', since),
        until: when('until', until),
        format: format as 'csv' | undefined,
      };
      const decoder = new TextDecoder();
      for await (const chunk of await api.download(endpoints['audit.export'], { query })) {
        write(decoder.decode(chunk, { stream: true }));
      }
      write(decoder.decode());
    },
  }),
];

function when(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at))
    throw new CliError(`--${name} wants a day or a time such as 2030-01-31T12:00, not "${text}".`, 2);
  return at;
}
