import { z } from 'zod';
import { event, method } from './define.ts';
import { displayName, id, source } from './model.ts';
import { exceptions, personRole, policyRules, roomPolicy, waiting } from './people.ts';

const empty = z.object({});
const text = z.string().trim().min(1).max(500);

/** A new password for the room; null takes it away. */
export const roomPassword = z.string().min(6).max(128);

/** A change of a room's policy; what is left out stays. */
export const policyPatch = policyRules
  // The audience is let in and sent out by who may go live.
  .omit({ password: true, audience: true })
  .partial()
  .extend({ password: roomPassword.nullish() });
export type PolicyPatch = z.infer<typeof policyPatch>;

/** One line of a room's audit log. */
export const auditEntry = z.object({
  id: z.number().int(),
  /** Empty where it concerns no room. */
  roomId: z.string(),
  /** Milliseconds since the epoch, by the server's clock. */
  at: z.number(),
  /** Who did it: `user:…` by a token, `guest:…`, `key:…` by an API key, `server`. */
  actor: z.string(),
  actorName: z.string(),
  actorRole: z.string(),
  /** What was done, in the form of the method that did it: `moderate.remove`. */
  action: z.string(),
  /** To whom, where it was somebody. */
  target: z.string().optional(),
  targetName: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type AuditEntry = z.infer<typeof auditEntry>;

export const ban = z.object({
  id,
  name: z.string(),
  /** Who set it. */
  by: z.string(),
  at: z.number(),
});
export type Ban = z.infer<typeof ban>;

/** Who comes in and who may do what: the methods of lobby, moderation, roles and policy. */
export const accessMethods = {
  'lobby.knock': method({
    input: z.object({ name: displayName }),
    output: z.object({ hosts: z.array(z.string()) }),
    permission: 'join',
    stage: 'connected',
    rate: { burst: 5, perSecond: 0.2 },
    about: 'Asks the hosts to be let in. The answer names those who are there; `lobby.decided` tells the end.',
  }),
  'lobby.admit': method({
    input: z.object({ ids: z.array(id).min(1).max(500) }),
    output: empty,
    permission: 'admit',
    maxBytes: 32 * 1024,
    about: 'Lets people in who wait in the lobby. Those who wait no longer are passed over.',
  }),
  'lobby.deny': method({
    input: z.object({ id }),
    output: empty,
    permission: 'admit',
    about: 'Sends somebody away who waits in the lobby; the same person can knock again.',
  }),
  'lobby.write': method({
    input: z.object({ id: id.optional(), text }),
    output: empty,
    permission: 'admit',
    rate: { burst: 10, perSecond: 1 },
    about: 'Writes to one who waits in the lobby, or to all of them.',
  }),
  'moderate.mute': method({
    input: z.object({ memberId: id.optional(), sources: z.array(source).min(1).max(4) }),
    output: empty,
    permission: 'moderate',
    about:
      'Mutes microphone or camera, or ends a shared screen, of a member of a lower role; without a member, of all of those. They can switch on again if the room lets them.',
  }),
  'moderate.ask': method({
    input: z.object({ memberId: id, source: z.enum(['microphone', 'camera']) }),
    output: empty,
    permission: 'moderate',
    rate: { burst: 5, perSecond: 0.5 },
    about: 'Asks a member to switch the microphone or the camera on. Nobody can be switched on without consent.',
  }),
  'moderate.remove': method({
    input: z.object({ memberId: id, ban: z.boolean().default(false) }),
    output: empty,
    permission: 'moderate',
    about: 'Puts a member of a lower role out of the room; with `ban`, for good.',
  }),
  'moderate.bans': method({
    input: empty,
    output: z.object({ bans: z.array(ban) }),
    permission: 'moderate',
    about: 'Who is banned from the room, the latest first.',
  }),
  'moderate.unban': method({
    input: z.object({ id }),
    output: empty,
    permission: 'moderate',
    about: 'Lifts a ban.',
  }),
  'member.setRole': method({
    input: z.object({ memberId: id, role: personRole }),
    output: empty,
    permission: 'roles',
    about: 'Gives a member another role. What that role does not allow ends at once.',
  }),
  'member.setExceptions': method({
    input: z.object({ memberId: id, exceptions }),
    output: empty,
    permission: 'roles',
    about: 'Replaces the rights that a member has, or lacks, beside those of the role.',
  }),
  'room.setPolicy': method({
    input: policyPatch,
    output: z.object({ policy: roomPolicy }),
    permission: 'policy',
    rate: { burst: 10, perSecond: 1 },
    about: "Changes the room's policy. What it no longer allows ends at once.",
  }),
  'room.end': method({
    input: empty,
    output: empty,
    permission: 'end',
    about: 'Ends the call for everybody.',
  }),
  'room.audit': method({
    input: z.object({ before: z.number().int().optional(), limit: z.number().int().min(1).max(200).default(50) }),
    output: z.object({ entries: z.array(auditEntry) }),
    permission: 'audit',
    rate: { burst: 10, perSecond: 1 },
    about: 'Who did what in this room, the latest first; `before` is the id of an entry, for more.',
  }),
};

export const accessEvents = {
  'lobby.waiting': event({
    data: z.object({ people: z.array(waiting) }),
    about: 'To those who may let people in: all who wait in the lobby now.',
  }),
  'lobby.hosts': event({
    data: z.object({ hosts: z.array(z.string()) }),
    about: 'To those who wait: who is there that can let them in.',
  }),
  'lobby.decided': event({
    data: z.object({ admitted: z.boolean() }),
    about: 'To those who wait: whether they were let in, and may `join` now.',
  }),
  'lobby.message': event({
    data: z.object({ name: z.string(), text: z.string() }),
    about: 'To those who wait: a host wrote.',
  }),
  'self.muted': event({
    data: z.object({ sources: z.array(source), by: z.string().optional() }),
    about: 'A moderator, or the room, switched these off; the client stops the sending. `by` is a name.',
  }),
  'self.asked': event({
    data: z.object({ source: z.enum(['microphone', 'camera']), by: z.string() }),
    about: 'A moderator asks to switch this on. The person decides.',
  }),
};
