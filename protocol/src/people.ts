import { z } from 'zod';
import { EXCEPTIONS, PERMISSIONS, PERSON_ROLES } from './permissions.ts';

export const permission = z.enum(PERMISSIONS);
export const personRole = z.enum(PERSON_ROLES);

const exceptionList = z.array(z.enum(EXCEPTIONS)).max(EXCEPTIONS.length).default([]);
/** What a person may do, or may not, beside what the role says. */
export const exceptions = z.object({ grant: exceptionList, deny: exceptionList });
export type Exceptions = z.output<typeof exceptions>;
export const NO_EXCEPTIONS: Exceptions = { grant: [], deny: [] };

/** Somebody in the lobby. */
export const waiting = z.object({
  id: z.string(),
  name: z.string(),
  /** Milliseconds since the epoch, by the server's clock. */
  since: z.number(),
});
export type Waiting = z.infer<typeof waiting>;

/** What a room allows, each rule by itself. No defaults here: zod fills them in even where a rule may be left out. */
export const policyRules = z.object({
  /** Whether two people may be connected browser to browser, which shows each the other's address. */
  direct: z.boolean(),
  /** The most members at once. */
  capacity: z.number().int().min(1).max(10_000),
  /** Nobody comes in any more, but for hosts and those who were in before. */
  locked: z.boolean(),
  /** Guests wait until a host lets them in. */
  lobby: z.boolean(),
  /** Guests need a password; which one is not told. */
  password: z.boolean(),
  /** Microphones are off when people come in. */
  muteOnEntry: z.boolean(),
  /** What those below co-hosts may do. */
  allowAudio: z.boolean(),
  allowVideo: z.boolean(),
  allowScreen: z.boolean(),
  allowChat: z.boolean(),
  /** The role of those who come without a token or a host link. */
  guestRole: z.enum(['viewer', 'attendee', 'speaker']),
  /** Whether the people are told of a recording, are asked, or nobody records. */
  recording: z.enum(['tell', 'ask', 'never']),
  /** After how many days recordings are deleted; null for as long as the server keeps them, and never longer than that. */
  recordingDays: z.number().int().min(1).max(3650).nullable(),
  /**
   * Whether there is an audience that comes by the watch link: nobody, people who wait and see nothing of what is prepared,
   * people who watch, people who have watched.
   */
  audience: z.enum(['off', 'backstage', 'live', 'ended']),
  /** When the room ends for good, in milliseconds since the epoch. */
  expiresAt: z.number().int().positive().nullable(),
});
const { shape } = policyRules;

/** What a room allows. Defaults are there for records of older versions. */
export const roomPolicy = policyRules.extend({
  locked: shape.locked.default(false),
  lobby: shape.lobby.default(false),
  password: shape.password.default(false),
  muteOnEntry: shape.muteOnEntry.default(false),
  allowAudio: shape.allowAudio.default(true),
  allowVideo: shape.allowVideo.default(true),
  allowScreen: shape.allowScreen.default(true),
  allowChat: shape.allowChat.default(true),
  guestRole: shape.guestRole.default('speaker'),
  recording: shape.recording.default('tell'),
  recordingDays: shape.recordingDays.default(null),
  audience: shape.audience.default('off'),
  expiresAt: shape.expiresAt.default(null),
});
export type RoomPolicy = z.output<typeof roomPolicy>;
