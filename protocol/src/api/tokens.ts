import { z } from 'zod';
import { displayName } from '../model.ts';
import { exceptions, personRole } from '../people.ts';
import { endpoint } from './define.ts';
import { time } from './paging.ts';
import { roomParams } from './rooms.ts';

export const tokenEndpoints = {
  'tokens.create': endpoint({
    verb: 'post',
    path: '/rooms/{room}/tokens',
    scope: 'tokens',
    params: roomParams,
    body: z.strictObject({
      user: z
        .string()
        .regex(/^[\x21-\x7e]{1,200}$/, 'use 1 to 200 ASCII characters without spaces')
        .optional()
        .describe("What your site calls the person, for good: bans and rights hold by it. Left out, it is a guest's."),
      name: displayName.optional().describe('What the others see. Left out, the person chooses.'),
      role: personRole.default('speaker'),
      exceptions: exceptions.strict().optional().describe('Rights beside those of the role.'),
      seconds: z
        .number()
        .int()
        .min(10)
        .max(30 * 24 * 3600)
        .default(600)
        .describe('How long somebody can come in with it; at most what the server is configured to.'),
    }),
    output: z.object({
      token: z.string(),
      expiresAt: time,
      identity: z.string().describe('What bans, audit log and webhooks call the person.'),
      url: z.string().describe('A link that carries the token in its fragment, which browsers do not send to servers.'),
    }),
    status: 201,
    errors: ['room-not-found'],
    about: 'Makes a token that lets one person into one room. Neither lobby nor password is asked of who has it.',
  }),
};
