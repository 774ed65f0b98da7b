import { describe, expect, test } from 'vitest';
import { startRooms } from './testing/index.ts';

const DAY_MS = 86_400_000;

describe('room directory', () => {
  test('makes rooms under own names, once', async () => {
    const { directory } = startRooms();
    const { record: room } = await directory.create({ id: 'hall', policy: { capacity: 9 } });
    expect(room).toMatchObject({ id: 'hall', policy: { direct: true, capacity: 9 } });
    expect(directory.lookup('hall')).toEqual(room);
    await expect(directory.create({ id: 'hall' })).rejects.toMatchObject({ code: 'wrong-state', path: 'id' });
  });

  test('makes rooms whose names cannot be guessed', async () => {
    const { directory } = startRooms();
    const { id } = (await directory.create({})).record;
    expect(id).toMatch(/^([a-z]{5}-){4}[a-z]{5}$/);
    expect(directory.lookup(id).policy).toMatchObject({ direct: true, capacity: 4 });
  });

  test('knows no other rooms', async () => {
    const { directory } = startRooms();
    expect(() => directory.lookup('nowhere')).toThrow(expect.objectContaining({ code: 'room-not-found' }));
    await expect(directory.enter('nowhere')).rejects.toMatchObject({ code: 'room-not-found' });
  });

  test('a room lives from the first who enters to the last who leaves', async () => {
    const { directory, plane, cluster } = startRooms();
    const [first, second] = await Promise.all([directory.enter('lab'), directory.enter('lab')]);
    expect(first.room).toBe(second.room);
    expect(directory.live()).toEqual([first.room]);
    expect(await cluster.peer().claimRoom('lab')).toBe(cluster.nodeId);
    first.leave();
    first.leave();
    expect(first.room.closed).toBe(false);
    second.leave();
    expect(first.room.closed).toBe(true);
    expect(directory.live()).toEqual([]);
    const peer = cluster.peer();
    expect(await peer.claimRoom('lab')).toBe(peer.nodeId);
    expect(plane.room('lab').closed).toBe(true);
  });

  test('a room that comes to life again is a new one', async () => {
    const { directory } = startRooms();
    const first = await directory.enter('lab');
    first.leave();
    const second = await directory.enter('lab');
    expect(second.room).not.toBe(first.room);
    expect(second.room.closed).toBe(false);
  });

  test('without media there is no room, and another try may succeed', async () => {
    const { directory, plane } = startRooms();
    plane.unavailable = true;
    await expect(directory.enter('lab')).rejects.toMatchObject({ code: 'media-unavailable' });
    expect(directory.live()).toEqual([]);
    plane.unavailable = false;
    expect((await directory.enter('lab')).room.id).toBe('lab');
  });

  test('a room of another node is refused for now', async () => {
    const { directory, cluster } = startRooms();
    await cluster.peer().claimRoom('lab');
    await expect(directory.enter('lab')).rejects.toMatchObject({ code: 'media-unavailable', retryAfterMs: 1000 });
  });

  test('a change of policy reaches the live room, on whatever node it was made', async () => {
    const here = startRooms();
    const there = startRooms({ cluster: here.cluster.peer(), store: here.store });
    const { room } = await here.directory.enter('lab');
    const actor = { identity: 'key:1', name: 'Test', role: 'host' as const };
    await there.directory.governor('lab').setPolicy(actor, { direct: false, capacity: 2 });
    expect(room.policy).toMatchObject({ direct: false, capacity: 2 });
    expect(here.directory.lookup('lab').policy.direct).toBe(false);
  });

  test('rooms that nobody used for 30 days are deleted, but not one with somebody in it', async () => {
    const { directory, clock } = startRooms();
    await directory.create({ id: 'used' });
    await directory.create({ id: 'live' });
    clock.advance(DAY_MS * 20);
    (await directory.enter('used')).leave();
    const { leave } = await directory.enter('live');
    clock.advance(DAY_MS * 11);
    expect(() => directory.lookup('lab')).toThrow('there is no such room');
    expect(directory.lookup('used').id).toBe('used');
    clock.advance(DAY_MS * 30);
    expect(() => directory.lookup('used')).toThrow('there is no such room');
    expect(directory.lookup('live').id).toBe('live');
    leave();
    clock.advance(DAY_MS * 31);
    expect(() => directory.lookup('live')).toThrow('there is no such room');
  });

  test('a store that fails ends no call', async () => {
    const { store, clock, logger } = startRooms();
    store.close();
    expect(() => clock.advance(DAY_MS)).not.toThrow();
    expect(logger.errors).toEqual(['old rooms could not be deleted']);
  });

  test('a room is left in order though its store fails', async () => {
    const { directory, store, logger } = startRooms();
    const { room, leave } = await directory.enter('lab');
    store.close();
    leave();
    expect(room.closed).toBe(true);
    expect(directory.live()).toEqual([]);
    expect(logger.errors).toEqual(['the use of a room could not be written down']);
  });

  test('closing ends the rooms and the timers', async () => {
    const { directory, clock } = startRooms();
    const { room } = await directory.enter('lab');
    directory.close();
    expect(room.closed).toBe(true);
    expect(clock.waiting).toBe(0);
  });
});
