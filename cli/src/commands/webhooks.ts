import { type ApiWebhook, endpoints, type WebhookEventName } from '@amphi/protocol/api';
import { type Command, defineCommand } from '../command.ts';
import { table, time } from '../lib/table.ts';

export const webhooks: readonly Command[] = [
  defineCommand({
    name: 'webhooks list',
    about: 'Where events are posted to.',
    args: [],
    options: {},
    async run({ api, print }) {
      const answer = await api.call(endpoints['webhooks.list']);
      const rows = answer.webhooks.map((hook) => [
        hook.id,
        hook.url,
        hook.events.join(','),
        state(hook),
        String(hook.pending),
      ]);
      print(answer, table(['WEBHOOK', 'ADDRESS', 'EVENTS', 'STATE', 'WAITING'], rows, 'There are no webhooks.'));
    },
  }),
  defineCommand({
    name: 'webhooks create',
    about: 'Has events posted to an address, and prints the secret that signs them, once.',
    args: ['<url>'],
    options: {
      event: {
        about: 'room.opened, room.closed, member.joined, member.left; all by default.',
        value: 'EVENTS',
        list: true,
      },
      description: { about: 'What it is for.', value: 'TEXT' },
    },
    async run({ api, print }, [url = ''], { event, description }) {
      const body = { url, events: event as WebhookEventName[] | undefined, description };
      const made = await api.call(endpoints['webhooks.create'], { body });
      print(made, `Webhook: ${made.id}\nSecret:  ${made.secret}\nThe secret is not shown again.`);
    },
  }),
  defineCommand({
    name: 'webhooks test',
    about: 'Posts a webhook.test; see the deliveries for what became of it.',
    args: ['<webhook>'],
    options: {},
    async run({ api, print }, [webhook = '']) {
      await api.call(endpoints['webhooks.test'], { params: { webhook } });
      print({ tested: webhook }, `On its way. See: amphi webhooks deliveries ${webhook}`);
    },
  }),
  defineCommand({
    name: 'webhooks deliveries',
    about: 'The last messages to a webhook and what became of them.',
    args: ['<webhook>'],
    options: {},
    async run({ api, print }, [webhook = '']) {
      const answer = await api.call(endpoints['webhooks.deliveries'], { params: { webhook } });
      const rows = answer.deliveries.map((one) => [
        ...[time(one.createdAt), one.event, one.state, String(one.attempts)],
        ...[one.error ?? (one.status === null ? '' : String(one.status)), one.nextAt === null ? '' : time(one.nextAt)],
      ]);
      print(answer, table(['AT', 'EVENT', 'STATE', 'ATTEMPTS', 'ANSWER', 'AGAIN'], rows, 'There are none.'));
    },
  }),
  defineCommand({
    name: 'webhooks enable',
    about: 'Enables a webhook again that was disabled.',
    args: ['<webhook>'],
    options: {},
    async run({ api, print }, [webhook = '']) {
      const changed = await api.call(endpoints['webhooks.update'], { params: { webhook }, body: { enabled: true } });
      print(changed, 'Enabled.');
    },
  }),
  defineCommand({
    name: 'webhooks delete',
    about: 'Deletes a webhook and what waits for it.',
    args: ['<webhook>'],
    options: {},
    async run({ api, print }, [webhook = '']) {
      await api.call(endpoints['webhooks.delete'], { params: { webhook } });
      print({ deleted: webhook }, 'Deleted.');
    },
  }),
];

function state({ enabled, failingSince }: ApiWebhook): string {
  if (!enabled) return 'disabled';
  return failingSince === null ? 'ok' : `failing since ${time(failingSince)}`;
}
