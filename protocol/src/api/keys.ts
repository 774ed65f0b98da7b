import { z } from 'zod';
import { displayName, id } from '../model.ts';
import { endpoint } from './define.ts';
import { time } from './paging.ts';
import { scope, SCOPES } from './scopes.ts';

export const apiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(scope),
    createdAt: time,
    createdBy: z.string().describe('The key that made it: `key:…`.'),
    usedAt: time.nullable().describe('When it was last used, to the minute. Milliseconds since the epoch.'),
    expiresAt: time.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.output<typeof apiKey>;

export const keyEndpoints = {
  'keys.create': endpoint({
    verb: 'post',
    path: '/keys',
    scope: 'keys',
    body: z.strictObject({
      name: displayName.describe('What it is for.'),
      scopes: z
        .array(scope)
        .min(1)
        .max(SCOPES.length)
        .default(['rooms.read', 'rooms.write', 'tokens'])
        .describe('What it is good for; nothing that the key that makes it is not.'),
      days: z
        .number()
        .int()
        .min(1)
        .max(3650)
        .optional()
        .describe('How long it is good; left out, until it is revoked.'),
    }),
    output: apiKey.extend({ key: z.string().describe('The key. Told here and never again.') }),
    status: 201,
    about: 'Makes an API key.',
  }),
  'keys.list': endpoint({
    verb: 'get',
    path: '/keys',
    scope: 'keys',
    output: z.object({ keys: z.array(apiKey) }),
    about: 'The API keys that there are.',
  }),
  'keys.revoke': endpoint({
    verb: 'delete',
    path: '/keys/{key}',
    scope: 'keys',
    params: z.strictObject({ key: id }),
    errors: ['not-found'],
    about: 'Revokes a key. From now on it opens nothing; tokens that it made stay good until they expire.',
  }),
};
