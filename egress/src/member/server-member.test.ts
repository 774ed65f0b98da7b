import { startRoom } from '@amphi/rooms/testing';
import { expect, test } from 'vitest';
import { type RoomWatcher, ServerMember } from './server-member.ts';

function recordWatcher() {
  const told: string[] = [];
  const watcher: RoomWatcher = {
    memberJoined: ({ id }) => told.push(`${id} joined`),
    memberLeft: ({ id }) => told.push(`${id} left`),
    memberUpdated: ({ id, presence }) => told.push(`${id} ${presence}`),
    trackAdded: ({ id }, { source }) => told.push(`${id} sends ${source}`),
    trackUpdated: ({ id }, { source, muted }) => told.push(`${id} ${muted ? 'mutes' : 'unmutes'} ${source}`),
    trackRemoved: ({ id }, { source }) => told.push(`${id} ends ${source}`),
    ended: (reason) => told.push(`ended: ${reason}`),
  };
  return { told, watcher };
}

test('sees who is there, who comes and goes, and what they send', async () => {
  const { room, joinWithCamera } = await startRoom();
  const ada = await joinWithCamera('ada');
  const { told, watcher } = recordWatcher();
  const member = await ServerMember.join({ room, role: 'recorder', name: 'Recording', watcher });
  expect(ada.member.told()).toContain('member.joined');
  const bob = await joinWithCamera('bob');
  await room.tracks.update('ada', { producerId: ada.producerId, muted: true });
  room.tracks.close('bob', bob.producerId);
  room.leave('ada', 'left');
  expect(told).toEqual([
    'ada joined',
    'ada sends camera',
    'bob joined',
    'bob sends camera',
    'ada mutes camera',
    'bob ends camera',
    'ada ends camera',
    'ada left',
  ]);
  expect(member.others.map(({ id }) => id)).toEqual(['bob']);
  member.leave();
  member.leave();
  expect(told.slice(-1)).toEqual(['ended: left']);
  expect(room.members().map(({ id }) => id)).toEqual(['bob']);
});

test('its presence keeps the media on the server, until it leaves', async () => {
  const { room, join } = await startRoom();
  await join('ada');
  const member = await ServerMember.join({ room, role: 'recorder', name: 'Recording', watcher: {} });
  expect(member.may('subscribe')).toBe(true);
  expect(member.may('publish.audio')).toBe(false);
  expect(member.info()).toMatchObject({ role: 'recorder', name: 'Recording' });
});

test('ends with the room', async () => {
  const { room, join } = await startRoom();
  await join('ada');
  const { told, watcher } = recordWatcher();
  await ServerMember.join({ room, role: 'recorder', name: 'Recording', watcher });
  room.close();
  expect(told.at(-1)).toBe('ended: room-closed');
});

test("a recorder takes nobody's place, a publisher does", async () => {
  const { room, join } = await startRoom();
  for (const id of ['ada', 'bob']) await join(id);
  await ServerMember.join({ room, role: 'recorder', name: 'Recording', watcher: {} });
  await join('eve');
  await expect(join('zoe')).rejects.toMatchObject({ code: 'room-full' });
  await ServerMember.join({ room, role: 'recorder', name: 'Recording', watcher: {} });
  await expect(ServerMember.join({ room, role: 'publisher', name: 'Studio', watcher: {} })).rejects.toMatchObject({
    code: 'room-full',
  });
  expect(room.size).toBe(5);
});

test('one that is not seen is told of the others, who are not told of it, and takes no place', async () => {
  const { room, join, joinWithCamera } = await startRoom();
  const ada = await join('ada');
  const { told, watcher } = recordWatcher();
  const member = await ServerMember.join({ room, role: 'recorder', name: 'Output', unseen: true, watcher });
  expect(ada.member.told()).not.toContain('member.joined');
  await joinWithCamera('bob');
  const eve = await join('eve');
  expect(eve.snapshot.members.map(({ id }) => id)).toEqual(['ada', 'bob', 'eve']);
  expect(told).toEqual(['ada joined', 'bob joined', 'bob sends camera', 'eve joined']);
  expect(room.size).toBe(3);
  member.leave();
  expect(eve.member.told()).not.toContain('member.left');
});
