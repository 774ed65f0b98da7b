/**
 * Every right that a message may need. Roles are sets of these; the server checks them on every call.
 * `join` is what a session has before it is a member.
 */
export const PERMISSIONS = [
  'join',
  'subscribe',
  'publish.audio',
  'publish.video',
  'publish.screen',
  'self',
  'chat',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** The roles and what each may do. */
export const ROLES = {
  /** Connected, on the prejoin page, not yet a member. */
  visitor: ['join'],
  /** A person in the call. */
  speaker: ['join', 'subscribe', 'publish.audio', 'publish.video', 'publish.screen', 'self', 'chat'],
} as const satisfies Record<string, readonly Permission[]>;

export type Role = keyof typeof ROLES;

/** Whether a role holds a right. */
export function roleMay(role: Role, permission: Permission): boolean {
  return (ROLES[role] as readonly Permission[]).includes(permission);
}
