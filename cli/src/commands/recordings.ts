import { endpoints } from '@amphi/protocol/api';
import { type Command, defineCommand } from '../command.ts';
import { number } from '../lib/policy.ts';
import { readText } from '../lib/target.ts';
import { table, time } from '../lib/table.ts';

export const recordings: readonly Command[] = [
  defineCommand({
    name: 'recordings list',
    about: 'What was recorded of a room, the latest first.',
    args: ['<room>'],
    options: {
      limit: { about: 'Most recordings to show; 50 by default, 200 at most.', value: 'N' },
      after: { about: 'The last recording of the page before.', value: 'RECORDING' },
    },
    async run({ api, print }, [room = ''], { limit, after }) {
      const answer = await api.call(endpoints['recordings.list'], { params: { room }, query: { limit, after } });
      const rows = answer.recordings.map(({ id, state, startedAt, durationMs, bytes, people, films, jobs }) => [
        ...[id, time(startedAt), length(durationMs), `${(bytes / 1e6).toFixed(1)} MB`, state],
        ...[films.length > 0 ? films.map(({ label }) => label).join(', ') : (jobs[0]?.state ?? 'none')],
        people.join(', '),
      ]);
      const more = answer.next === undefined ? '' : `\nThere are more: --after ${answer.next}`;
      const head = ['RECORDING', 'STARTED', 'LENGTH', 'SIZE', 'STATE', 'FILMS', 'PEOPLE'];
      print(answer, table(head, rows, 'Nothing was recorded.') + more);
    },
  }),
  defineCommand({
    name: 'recordings link',
    about: 'Prints an address of a file of a recording, good for some minutes; its film where none is named.',
    args: ['<room>', '<recording>', '[file]'],
    options: {},
    async run({ api, print }, [room = '', recording = '', named]) {
      const params = { room, recording };
      const found = named === undefined ? await api.call(endpoints['recordings.get'], { params }) : undefined;
      const file = named ?? found?.films[0]?.file ?? found?.tracks[0]?.file ?? '';
      const link = await api.call(endpoints['recordings.link'], { params, body: { file } });
      print(link, link.url);
    },
  }),
  defineCommand({
    name: 'recordings film',
    about: 'Has a film made of a recording: grid (by default), speaker, screen, audio.',
    args: ['<room>', '<recording>', '[layout]'],
    options: { height: { about: '720 (by default) or 1080.', value: 'LINES' } },
    async run({ api, print }, [room = '', recording = '', layout = 'grid'], { height }) {
      const lines = height === undefined ? undefined : (number('height', height) as 720);
      const body = { layout: layout as 'grid', height: lines };
      await api.call(endpoints['recordings.film'], { params: { room, recording }, body });
      print({ layout }, 'It is made when its turn comes.');
    },
  }),
  defineCommand({
    name: 'recordings remove',
    about: 'Deletes a recording with its files and shares.',
    args: ['<room>', '<recording>'],
    options: {},
    async run({ api, print }, [room = '', recording = '']) {
      await api.call(endpoints['recordings.delete'], { params: { room, recording } });
      print({ deleted: recording }, 'Deleted.');
    },
  }),
  defineCommand({
    name: 'recordings share',
    about: 'Makes a link by which anybody sees the film of a recording, and prints it, once.',
    args: ['<room>', '<recording>'],
    options: {
      days: { about: 'How long it is good; 7 by default.', value: 'N' },
      tracks: { about: 'What each sent can be had, too.' },
      'password-file': { about: 'File with a password that it asks for.', value: 'FILE' },
    },
    async run({ api, print }, [room = '', recording = ''], { days, tracks, 'password-file': file }) {
      const password = file === undefined ? undefined : readText(file).replace(/\r?\n$/, '');
      const body = { days: days === undefined ? undefined : number('days', days), password, tracks };
      const share = await api.call(endpoints['shares.create'], { params: { room, recording }, body });
      print(share, `${share.url}\nGood until ${time(share.expiresAt)}.`);
    },
  }),
  defineCommand({
    name: 'recordings shares',
    about: 'The shares of a recording that are good now.',
    args: ['<room>', '<recording>'],
    options: {},
    async run({ api, print }, [room = '', recording = '']) {
      const answer = await api.call(endpoints['shares.list'], { params: { room, recording } });
      const rows = answer.shares.map(({ id, createdBy, createdAt, expiresAt, openedAt, password }) => [
        ...[id, createdBy, time(createdAt), time(expiresAt), time(openedAt), password ? 'yes' : 'no'],
      ]);
      print(answer, table(['SHARE', 'BY', 'MADE', 'UNTIL', 'LAST OPENED', 'PASSWORD'], rows, 'It is not shared.'));
    },
  }),
  defineCommand({
    name: 'recordings unshare',
    about: 'Ends a share at once.',
    args: ['<room>', '<recording>', '<share>'],
    options: {},
    async run({ api, print }, [room = '', recording = '', share = '']) {
      await api.call(endpoints['shares.revoke'], { params: { room, recording, share } });
      print({ revoked: share }, 'Revoked.');
    },
  }),
];

function length(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
