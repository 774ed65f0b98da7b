import { but, type RefusedInput, without } from './entry.ts';

/** Those on whom Alice may not act: herself, people of another room, people who are not in. */
export const foreignMembers = [
  ['a member that there is not', but<object>({ memberId: 'nobody' }), 'not-found'],
  ['Sam, who is elsewhere', (good: object, { sam }) => ({ ...good, memberId: sam.id }), 'not-found'],
  ['Vera, who is not in', (good: object, { vera }) => ({ ...good, memberId: vera.id }), 'not-found'],
  ['Alice herself', (good: object, { alice }) => ({ ...good, memberId: alice.id }), 'forbidden'],
] as const satisfies readonly RefusedInput<object>[];

export const badMembers = [
  ['no member', without<object>('memberId'), 'memberId'],
  ['an empty member', but<object>({ memberId: '' }), 'memberId'],
  ['a huge member', but<object>({ memberId: 'x'.repeat(65) }), 'memberId'],
  ['a member that is a list', but<object>({ memberId: ['x'] }), 'memberId'],
] as const;
