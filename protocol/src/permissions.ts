/**
 * Every right that a message may need. Roles are sets of these; the server checks them on every call, and on what already
 * runs: a right that is taken away ends what it allowed.
 */
export const PERMISSIONS = [
  /** To ask to come in, and to leave. */
  'join',
  /** To have transports made, and relay credentials: nobody gets them who may not come in. */
  'connect',
  'subscribe',
  'publish.audio',
  'publish.video',
  'publish.screen',
  /** To change one's own name and to say how the connection is. */
  'self',
  'chat',
  /** To see everybody who is in the room, and not only those on stage. */
  'roster',
  /** To let people in who wait in the lobby. */
  'admit',
  /** To mute, to stop video, to ask to unmute, to remove, to ban. */
  'moderate',
  /** To change the room's policy: lock it, lobby, password, who may share. */
  'policy',
  /** To give and take roles and rights. */
  'roles',
  'record',
  'live',
  /** To end the room for all. */
  'end',
  /** To read who did what in the room. */
  'audit',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

const ATTENDEE = ['join', 'connect', 'subscribe', 'self', 'chat', 'roster'] as const satisfies Permission[];
const SPEAKER = [...ATTENDEE, 'publish.audio', 'publish.video', 'publish.screen'] as const satisfies Permission[];
const COHOST = [...SPEAKER, 'admit', 'moderate', 'policy', 'record', 'live'] as const satisfies Permission[];

/** The roles and what each may do. The first three are for those who are not in the room (yet). */
export const ROLES = {
  /** Connected to a room that does not let this person in as things are: locked, a lobby, a password. */
  stranger: ['join'],
  /** Asked to be let in, and waits. */
  waiting: ['join'],
  /** May come in, and is on the prejoin page. */
  visitor: ['join', 'connect'],
  /** In the audience: sees and hears the stage, writes in the chat, is seen by the hosts only. */
  viewer: ['join', 'connect', 'subscribe', 'self', 'chat'],
  /** In the room, listening. */
  attendee: ATTENDEE,
  speaker: SPEAKER,
  cohost: COHOST,
  host: [...COHOST, 'roles', 'end', 'audit'],
  /** The server's own: what records or packages the room, and what publishes into it from elsewhere. */
  recorder: ['subscribe'],
  publisher: ['publish.audio', 'publish.video', 'publish.screen'],
} as const satisfies Record<string, readonly Permission[]>;

export type Role = keyof typeof ROLES;

/** The roles that a person in the room may have, from the least to the most. */
export const PERSON_ROLES = ['viewer', 'attendee', 'speaker', 'cohost', 'host'] as const satisfies Role[];
export type PersonRole = (typeof PERSON_ROLES)[number];

/** The rights that can be given to, or taken from, a single person over those of the role. */
export const EXCEPTIONS = [
  'publish.audio',
  'publish.video',
  'publish.screen',
  'chat',
  'record',
  'live',
] as const satisfies Permission[];

/** Whether a role holds a right, before the room's policy and the person's exceptions. */
export function roleMay(role: Role, permission: Permission): boolean {
  return (ROLES[role] as readonly Permission[]).includes(permission);
}

/** Who may act on whom: somebody of a higher rank on one of a lower. Those who are not in the room rank lowest. */
export function rankOf(role: Role): number {
  return (PERSON_ROLES as readonly Role[]).indexOf(role);
}

/** The switches of a room's policy that take rights from everybody below the co-hosts. */
export const SWITCH_OF_PERMISSION: Partial<
  Record<Permission, 'allowAudio' | 'allowVideo' | 'allowScreen' | 'allowChat'>
> = {
  'publish.audio': 'allowAudio',
  'publish.video': 'allowVideo',
  'publish.screen': 'allowScreen',
  chat: 'allowChat',
};
