import { z } from 'zod';
import { ban } from '../access.ts';
import { displayName, id, memberInfo, source } from '../model.ts';
import { exceptions, personRole } from '../people.ts';
import { endpoint } from './define.ts';
import { roomParams } from './rooms.ts';

/** Who somebody is over all stays: `user:` and what the other site calls the person, or `guest:…`. */
export const identity = z.string().regex(/^(user|guest):[\x21-\x7e]{1,200}$/, 'expected user:… or guest:…');

const memberParams = roomParams.extend({ member: id });
const banParams = roomParams.extend({ ban: id });

export const apiMember = memberInfo
  .pick({ id: true, name: true, role: true, joinedAt: true, presence: true })
  .extend({
    identity: z.string().describe('`user:…` by a token, `guest:…` without, `server` for its own.'),
    exceptions,
    producers: z.array(z.object({ source, muted: z.boolean() })).describe('What the member sends.'),
  })
  .meta({ id: 'Member' });
export type ApiMember = z.output<typeof apiMember>;

const apiBan = ban.meta({ id: 'Ban' });

export const memberEndpoints = {
  'members.list': endpoint({
    verb: 'get',
    path: '/rooms/{room}/members',
    scope: 'rooms.read',
    params: roomParams,
    output: z.object({ members: z.array(apiMember) }),
    errors: ['room-not-found'],
    about: 'Who is in the room now, in the order of joining.',
  }),
  'members.update': endpoint({
    verb: 'patch',
    path: '/rooms/{room}/members/{member}',
    scope: 'members',
    params: memberParams,
    body: z.strictObject({ role: personRole.optional(), exceptions: exceptions.strict().optional() }),
    output: apiMember,
    errors: ['room-not-found', 'not-found', 'wrong-state'],
    about: 'Gives a member another role, or other rights than the role has. What they do not allow ends at once.',
  }),
  'members.mute': endpoint({
    verb: 'post',
    path: '/rooms/{room}/members/{member}/mute',
    scope: 'members',
    params: memberParams,
    body: z.strictObject({ sources: z.array(source).min(1).max(4).default(['microphone']) }),
    errors: ['room-not-found', 'not-found', 'wrong-state'],
    about: 'Mutes microphone or camera, or ends a shared screen. Nobody can be switched on again but by themselves.',
  }),
  'members.remove': endpoint({
    verb: 'delete',
    path: '/rooms/{room}/members/{member}',
    scope: 'members',
    params: memberParams,
    query: z.strictObject({ ban: z.stringbool().default(false).describe('Whether it is for good.') }),
    errors: ['room-not-found', 'not-found', 'wrong-state'],
    about: 'Puts a member out of the room.',
  }),
  'bans.list': endpoint({
    verb: 'get',
    path: '/rooms/{room}/bans',
    scope: 'rooms.read',
    params: roomParams,
    output: z.object({ bans: z.array(apiBan) }),
    errors: ['room-not-found'],
    about: 'Who is banned from the room, the latest first.',
  }),
  'bans.create': endpoint({
    verb: 'post',
    path: '/rooms/{room}/bans',
    scope: 'members',
    params: roomParams,
    body: z.strictObject({ identity, name: displayName.optional() }),
    output: apiBan,
    status: 201,
    errors: ['room-not-found'],
    about: 'Bans somebody by identity, whether in the room or not.',
  }),
  'bans.delete': endpoint({
    verb: 'delete',
    path: '/rooms/{room}/bans/{ban}',
    scope: 'members',
    params: banParams,
    errors: ['room-not-found', 'not-found'],
    about: 'Lifts a ban.',
  }),
};
