import { z } from 'zod';
import { displayName, id, memberInfo } from '../model.ts';
import { endpoint } from './define.ts';
import { time } from './paging.ts';

const room = z.string().describe('The id of the room.');
const member = memberInfo.pick({ id: true, name: true, role: true, joinedAt: true }).extend({
  identity: z.string().describe('`user:…` by a token, `guest:…` without, `server` for its own.'),
});

/** What webhooks are sent for, with what each carries. */
export const webhookEvents = {
  'room.opened': z.object({ room }).describe('The first person came in.'),
  'room.closed': z.object({ room }).describe('The last person left.'),
  'member.joined': z.object({ room, member }).describe('Somebody came in.'),
  'member.left': z
    .object({ room, member, reason: z.string().describe('`left`, `lost`, `removed`, `banned`, `room-closed` …') })
    .describe('Somebody left.'),
  'webhook.test': z.object({ webhook: z.string() }).describe('Somebody wanted to know whether it arrives.'),
} as const satisfies Record<string, z.ZodObject>;

export type WebhookEvents = { [K in keyof typeof webhookEvents]: z.output<(typeof webhookEvents)[K]> };
export type WebhookEventName = keyof WebhookEvents;

const eventName = z.enum(Object.keys(webhookEvents) as [WebhookEventName, ...WebhookEventName[]]);

/** `whsec_` and 24 to 64 bytes in base64 (Standard Webhooks). */
export const webhookSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'expected whsec_ and 24 to 64 random bytes in base64')
  .refine((secret) => {
    const bytes = (secret.length - 'whsec_'.length) * 0.75 - (/=*$/.exec(secret)?.[0].length ?? 0);
    return bytes >= 24 && bytes <= 64 && new Set(secret.slice(6)).size >= 10;
  }, 'it is too weak: whsec_ and 24 to 64 random bytes in base64');

const url = z.url().max(2000).describe('Where events are posted to, over https.');
const events = z.array(eventName).min(1).describe('Of which events it is told.');

export const apiWebhook = z
  .object({
    id: z.string(),
    url: z.string(),
    events: z.array(eventName),
    description: z.string(),
    enabled: z.boolean(),
    isConfigured: z.boolean().describe('Whether it is in the configuration, where alone it can be changed.'),
    createdAt: time,
    failingSince: time.nullable().describe('Since when nothing arrives; null while all is well.'),
    pending: z.number().int().describe('How many messages wait to be delivered.'),
  })
  .meta({ id: 'Webhook' });
export type ApiWebhook = z.output<typeof apiWebhook>;

export const apiDelivery = z
  .object({
    id: z.string().describe('`webhook-id` of the message.'),
    event: z.string(),
    createdAt: time,
    state: z.enum(['pending', 'delivered', 'failed']),
    attempts: z.number().int(),
    nextAt: time.nullable().describe('When it is tried again.'),
    status: z.number().int().nullable().describe('The HTTP status of the last answer.'),
    error: z.string().nullable().describe('Why the last attempt failed.'),
  })
  .meta({ id: 'Delivery' });
export type ApiDelivery = z.output<typeof apiDelivery>;

const params = z.strictObject({ webhook: id });

export const webhookEndpoints = {
  'webhooks.create': endpoint({
    verb: 'post',
    path: '/webhooks',
    scope: 'webhooks',
    body: z.strictObject({
      url,
      events: events.default(['room.opened', 'room.closed', 'member.joined', 'member.left']),
      description: displayName.optional(),
    }),
    output: apiWebhook.extend({ secret: z.string().describe('Signs what is sent. Told here and never again.') }),
    status: 201,
    errors: ['wrong-state'],
    about: 'Has events posted to an address.',
  }),
  'webhooks.list': endpoint({
    verb: 'get',
    path: '/webhooks',
    scope: 'webhooks',
    output: z.object({ webhooks: z.array(apiWebhook) }),
    about: 'The webhooks that there are, those of the configuration too.',
  }),
  'webhooks.update': endpoint({
    verb: 'patch',
    path: '/webhooks/{webhook}',
    scope: 'webhooks',
    params,
    body: z.strictObject({
      url: url.optional(),
      events: events.optional(),
      description: displayName.optional(),
      enabled: z.boolean().optional().describe('Also enables one again that was disabled because nothing arrived.'),
    }),
    output: apiWebhook,
    errors: ['not-found', 'wrong-state'],
    about: 'Changes a webhook; what is left out stays.',
  }),
  'webhooks.delete': endpoint({
    verb: 'delete',
    path: '/webhooks/{webhook}',
    scope: 'webhooks',
    params,
    errors: ['not-found', 'wrong-state'],
    about: 'Deletes a webhook and what waits to be delivered to it.',
  }),
  'webhooks.test': endpoint({
    verb: 'post',
    path: '/webhooks/{webhook}/test',
    scope: 'webhooks',
    params,
    errors: ['not-found', 'wrong-state'],
    about: 'Posts a `webhook.test`. Whether it arrived is among the deliveries.',
  }),
  'webhooks.deliveries': endpoint({
    verb: 'get',
    path: '/webhooks/{webhook}/deliveries',
    scope: 'webhooks',
    params,
    output: z.object({ deliveries: z.array(apiDelivery) }),
    errors: ['not-found'],
    about: 'The last 100 messages and what became of them, the latest first.',
  }),
};
