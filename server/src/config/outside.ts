import { isIP } from 'node:net';
import { webhookEvents, webhookSecret, type WebhookEventName } from '@amphi/protocol/api';
import { z } from 'zod';

const MONTH_MINUTES = 30 * 24 * 60;

/** The REST API for other sites. */
export const api = z.strictObject({
  requestsPerMinute: z.number().int().min(1).default(600).describe('REST API requests a minute with one API key.'),
  wrongKeysPerMinute: z
    .number()
    .int()
    .min(1)
    .default(20)
    .describe('Wrong API keys that one address may try in a minute.'),
  tokenMinutes: z
    .number()
    .int()
    .min(1)
    .max(MONTH_MINUTES)
    .default(24 * 60)
    .describe('The longest that a token made by the API lets somebody in, in minutes.'),
});

const events = Object.keys(webhookEvents) as [WebhookEventName, ...WebhookEventName[]];

/** A host name, an address, or a range of addresses. */
const target = z.string().refine((value) => {
  const [address = '', bits, ...rest] = value.split('/');
  const family = isIP(address);
  if (rest.length > 0) return false;
  if (bits !== undefined) return family !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32);
  return family !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(value);
}, 'expected a host name, an IP address or a range such as 10.0.0.0/8');

/** Who is told of what happens. */
export const webhooks = z.strictObject({
  endpoints: z
    .array(
      z.strictObject({
        url: z.url({ protocol: /^https?$/ }),
        secret: webhookSecret,
        events: z.array(z.enum(events)).min(1).default(['room.opened', 'room.closed', 'member.joined', 'member.left']),
      }),
    )
    .max(20)
    .refine((list) => new Set(list.map(({ url }) => url)).size === list.length, 'an address is named twice')
    .default([])
    .describe(
      'Addresses that events are posted to, beside those made by the API, as JSON: [{"url": "https://…", "secret": "whsec_…", "events": ["room.opened"]}]',
    ),
  allowed: z
    .array(target)
    .max(50)
    .default([])
    .describe(
      'Internal hosts, addresses and ranges that webhooks may reach, without TLS as well. Without this they reach public addresses over https only.',
    ),
});

/** Where live events are pushed to. */
export const push = z.strictObject({
  allowed: z
    .array(target)
    .max(50)
    .default([])
    .describe(
      'Internal hosts, addresses and ranges that events may be pushed to by RTMP. Without this they reach public addresses only.',
    ),
});

const claim = z.string().min(1).max(100);

/** Signing in by OpenID Connect. */
export const oidc = z
  .strictObject({
    issuer: z
      .url({ protocol: /^https?$/ })
      .refine((value) => {
        const { protocol, hostname } = new URL(value);
        return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
      }, 'it has to be https')
      .optional()
      .describe(
        'Address of the OpenID provider with which people can sign in. Register `/auth/callback` below this server as redirect address there.',
      ),
    clientId: z.string().min(1).optional().describe('What the provider calls this server.'),
    clientSecret: z.string().min(1).optional().describe('What the provider knows it by; none for a public client.'),
    scopes: z.string().default('openid profile').describe('What is asked for, `openid` among it.'),
    nameClaim: claim.default('name').describe('The claim that holds what a person is called.'),
    roleClaim: claim.optional().describe('The claim that holds roles or groups of a person, a text or a list.'),
    hostRoles: z
      .array(z.string())
      .default([])
      .describe('Who has one of these in `oidc.roleClaim` is a host of every room.'),
    creatorRoles: z.array(z.string()).default([]).meta({
      description: 'Who has one of these in `oidc.roleClaim` may create rooms, with `createRooms` at `signed-in`.',
      shownDefault: 'everybody who is signed in',
    }),
    sessionHours: z.number().int().min(1).max(720).default(12).describe('How long somebody stays signed in.'),
  })
  .superRefine((config, context) => {
    const refuse = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message });
    if (config.issuer !== undefined && config.clientId === undefined) refuse('clientId', 'a provider needs it');
    if (!config.scopes.split(/\s+/).includes('openid')) refuse('scopes', 'it has to hold openid');
    const needsRoles = config.hostRoles.length > 0 || config.creatorRoles.length > 0;
    if (needsRoles && config.roleClaim === undefined)
      refuse('roleClaim', 'roles are named, but no claim that holds them');
  });
