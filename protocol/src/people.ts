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

/** What a room allows. Defaults are there for records of older versions. */
export const roomPolicy = z.object({
  /** Whether two people may be connected browser to browser, which shows each the other's address. */
  direct: z.boolean(),
  /** The most members at once. */
  capacity: z.number().int().min(1).max(10_000),
  /** Nobody comes in any more, but for hosts and those who were in before. */
  locked: z.boolean().default(false),
  /** Guests wait until a host lets them in. */
  lobby: z.boolean().default(false),
  /** Guests need a password; which one is not told. */
  password: z.boolean().default(false),
  /** Microphones are off when people come in. */
  muteOnEntry: z.boolean().default(false),
  /** What those below co-hosts may do. */
  allowAudio: z.boolean().default(true),
  allowVideo: z.boolean().default(true),
  allowScreen: z.boolean().default(true),
  allowChat: z.boolean().default(true),
  /** The role of those who come without a token or a host link. */
  guestRole: z.enum(['viewer', 'attendee', 'speaker']).default('speaker'),
  /** Whether the people are told of a recording, are asked, or nobody records. */
  recording: z.enum(['tell', 'ask', 'never']).default('tell'),
  /**
   * Whether there is an audience that comes by the watch link: nobody, people who wait and see nothing of what is prepared,
   * people who watch, people who have watched.
   */
  audience: z.enum(['off', 'backstage', 'live', 'ended']).default('off'),
  /** When the room ends for good, in milliseconds since the epoch. */
  expiresAt: z.number().int().positive().nullable().default(null),
});
export type RoomPolicy = z.output<typeof roomPolicy>;
