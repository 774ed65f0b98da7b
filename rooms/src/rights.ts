import {
  type Exceptions,
  type Permission,
  PERMISSIONS,
  type PersonRole,
  rankOf,
  type Role,
  roleMay,
  type RoomPolicy,
  SWITCH_OF_PERMISSION,
} from '@amphi/protocol';

/** Somebody who does something to others: a member, or the API in somebody's name. */
export type Actor = { identity: string; name: string; role: PersonRole; isServer?: boolean };

/** What viewers have none of while there is nothing for them to see. */
const BEHIND_CURTAIN: ReadonlySet<Permission> = new Set(['subscribe', 'chat']);

function isDark({ audience }: RoomPolicy): boolean {
  return audience === 'backstage' || audience === 'ended';
}

/** Whether somebody may do this: the person's exceptions come before the room's policy, and that before the role. */
export function mayDo(permission: Permission, role: Role, exceptions: Exceptions, policy: RoomPolicy): boolean {
  const exception = permission as Exceptions['grant'][number];
  if (exceptions.deny.includes(exception)) return false;
  if (role === 'viewer' && isDark(policy) && BEHIND_CURTAIN.has(permission)) return false;
  if (exceptions.grant.includes(exception)) return true;
  const key = SWITCH_OF_PERMISSION[permission];
  // A stream key is given out by a host, to be used.
  const isBound = role !== 'publisher' && !roleMay(role, 'moderate');
  if (key !== undefined && policy[key] === false && isBound) return false;
  return roleMay(role, permission);
}

export function rightsOf(role: Role, exceptions: Exceptions, policy: RoomPolicy): Permission[] {
  return PERMISSIONS.filter((permission) => mayDo(permission, role, exceptions, policy));
}

/** Whether one may act on the other: only on somebody of a lower rank, but for the API, which may on all. */
export function outranks(actor: Actor, role: Role): boolean {
  return actor.isServer === true || rankOf(actor.role) > rankOf(role);
}

/** All that a policy may change about somebody's rights, to be compared. */
export function rightsKey(member: { may(permission: Permission): boolean }): string {
  return PERMISSIONS.filter((permission) => member.may(permission)).join();
}
