import { z } from 'zod';
import { policyPatch } from '../access.ts';
import { roomId } from '../model.ts';
import { roomPolicy } from '../people.ts';
import { endpoint } from './define.ts';
import { next, page, time } from './paging.ts';

export const roomParams = z.strictObject({ room: roomId });

/** A room as the API shows it. */
export const apiRoom = z
  .object({
    id: z.string(),
    url: z.string().describe('The link for guests.'),
    policy: roomPolicy,
    createdAt: time,
    usedAt: time.describe('When somebody was last in it. Milliseconds since the epoch.'),
    live: z
      .object({ members: z.number().int(), waiting: z.number().int() })
      .nullable()
      .describe('How many are in it and in its lobby; null while nobody is.'),
  })
  .meta({ id: 'Room' });
export type ApiRoom = z.output<typeof apiRoom>;

export const roomEndpoints = {
  'rooms.create': endpoint({
    verb: 'post',
    path: '/rooms',
    scope: 'rooms.write',
    body: z.strictObject({
      id: roomId.optional().describe('The name in the link; left out, the server makes one that cannot be guessed.'),
      policy: policyPatch.strict().optional(),
    }),
    output: apiRoom.extend({
      hostKey: z.string().describe('Makes whoever has it a host. Told here and never again.'),
      hostUrl: z.string().describe('The link for hosts.'),
    }),
    status: 201,
    errors: ['wrong-state'],
    about: 'Makes a room.',
  }),
  'rooms.list': endpoint({
    verb: 'get',
    path: '/rooms',
    scope: 'rooms.read',
    query: z.strictObject(page),
    output: z.object({ rooms: z.array(apiRoom), next }),
    about: 'The rooms, by their ids.',
  }),
  'rooms.get': endpoint({
    verb: 'get',
    path: '/rooms/{room}',
    scope: 'rooms.read',
    params: roomParams,
    output: apiRoom,
    errors: ['room-not-found'],
    about: 'One room.',
  }),
  'rooms.update': endpoint({
    verb: 'patch',
    path: '/rooms/{room}',
    scope: 'rooms.write',
    params: roomParams,
    body: z.strictObject({ policy: policyPatch.strict() }),
    output: apiRoom,
    errors: ['room-not-found'],
    about: 'Changes the policy; what is left out stays. What it no longer allows ends at once.',
  }),
  'rooms.end': endpoint({
    verb: 'post',
    path: '/rooms/{room}/end',
    scope: 'rooms.write',
    params: roomParams,
    errors: ['room-not-found'],
    about: 'Ends the call for everybody in it. The room stays.',
  }),
  'rooms.delete': endpoint({
    verb: 'delete',
    path: '/rooms/{room}',
    scope: 'rooms.write',
    params: roomParams,
    errors: ['room-not-found'],
    about: 'Ends the call and deletes the room with its bans. Its audit log stays for as long as it has to.',
  }),
};
