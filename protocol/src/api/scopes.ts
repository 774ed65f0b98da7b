import { z } from 'zod';

/** What an API key may be good for. */
export const SCOPES = [
  /** To see rooms and who is in them. */
  'rooms.read',
  /** To make, change, end and delete rooms. */
  'rooms.write',
  /** To mute, remove and ban people, and to change their roles. */
  'members',
  /** To make tokens that let people in. */
  'tokens',
  /** To read who did what. */
  'audit',
  /** To say who is told of what happens. */
  'webhooks',
  /** To see, share and delete what was recorded. */
  'recordings',
  /** To make and revoke keys, of at most the own scopes. */
  'keys',
] as const;

export const scope = z.enum(SCOPES);
export type Scope = z.infer<typeof scope>;
