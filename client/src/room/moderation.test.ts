import { accessMethods } from '@amphi/protocol';
import { expect, test, vi } from 'vitest';
import type { Request } from '../signaling/signaling.ts';
import type { Moderation } from '../types.ts';
import { createModeration } from './moderation.ts';

type Method = keyof typeof accessMethods;

/** What each call has to ask for. */
const CALLS: readonly [Method, (moderation: Moderation) => Promise<unknown>, object][] = [
  ['lobby.admit', (m) => m.admit(new Set(['a', 'b'])), { ids: ['a', 'b'] }],
  ['lobby.deny', (m) => m.deny('a'), { id: 'a' }],
  ['lobby.write', (m) => m.writeToLobby('hello', 'a'), { id: 'a', text: 'hello' }],
  ['lobby.write', (m) => m.writeToLobby('hello'), { text: 'hello' }],
  ['moderate.mute', (m) => m.mute('a'), { memberId: 'a', sources: ['microphone'] }],
  ['moderate.mute', (m) => m.muteAll(['camera']), { sources: ['camera'] }],
  ['moderate.ask', (m) => m.ask('a', 'camera'), { memberId: 'a', source: 'camera' }],
  ['moderate.remove', (m) => m.remove('a'), { memberId: 'a', ban: false }],
  ['moderate.remove', (m) => m.remove('a', { ban: true }), { memberId: 'a', ban: true }],
  ['moderate.bans', (m) => m.bans(), {}],
  ['moderate.unban', (m) => m.unban('b'), { id: 'b' }],
  ['member.setRole', (m) => m.setRole('a', 'cohost'), { memberId: 'a', role: 'cohost' }],
  [
    'member.setExceptions',
    (m) => m.setExceptions('a', { grant: ['chat'], deny: [] }),
    { memberId: 'a', exceptions: { grant: ['chat'], deny: [] } },
  ],
  ['room.setPolicy', (m) => m.setPolicy({ locked: true, password: null }), { locked: true, password: null }],
  ['room.end', (m) => m.endForAll(), {}],
  ['room.audit', (m) => m.audit({ before: 7, limit: 10 }), { before: 7, limit: 10 }],
];

test.each(CALLS)('%s is asked for as the protocol has it', async (method, act, data) => {
  const request = vi.fn().mockResolvedValue({ bans: [], entries: [] });
  await act(createModeration(request as unknown as Request));
  expect(request).toHaveBeenCalledExactlyOnceWith(method, data);
  expect(accessMethods[method].input.safeParse(data).success).toBe(true);
});

test('there is a call for everything that moderators can ask for', () => {
  const asked = new Set<string>(CALLS.map(([method]) => method));
  const all = Object.keys(accessMethods).filter((method) => method !== 'lobby.knock');
  expect([...asked].toSorted()).toEqual(all.toSorted());
});
