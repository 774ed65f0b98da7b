import { describe, expect } from 'vitest';
import { testWithServer } from './support/fixtures.ts';

const WINDOW_MS = 1000;
const test = testWithServer({ resumeWindowMs: WINDOW_MS });

describe('a session without a connection', () => {
  test('is over after its window, which the others see as a loss', async ({ server, cast }) => {
    const [alice, bob] = await cast.gather(['Alice', 'Bob']);
    if (!alice || !bob) throw new Error('not everybody came');
    expect(bob.wire.welcome.resumeWindowMs).toBe(WINDOW_MS);
    await bob.publishCamera();
    await alice.wire.take('consumer.created');
    await bob.wire.drop();
    const droppedAt = performance.now();
    await alice.wire.take('member.updated', ({ patch }) => patch.presence === 'reconnecting');
    expect(await alice.wire.take('member.left')).toEqual({ memberId: bob.id, reason: 'lost' });
    expect(performance.now() - droppedAt).toBeGreaterThan(WINDOW_MS - 100);
    expect(performance.now() - droppedAt).toBeLessThan(WINDOW_MS + 3000);

    const { members, consumers } = await alice.sync();
    expect(members.map(({ id }) => id)).toEqual([alice.id]);
    expect(consumers).toEqual([]);
    // One event says it all; the token is void.
    expect(alice.wire.inbox.rest((name) => name !== 'producer.added')).toEqual([]);
    expect((await bob.wire.resume()).resumed).toBe(false);
    expect(await server.metric('amphi_members')).toBe(1);
  });

  test('is gone on with within its window, and has another whole one after that', async ({ cast }) => {
    const [alice, bob] = await cast.gather(['Alice', 'Bob']);
    if (!alice || !bob) throw new Error('not everybody came');
    await bob.wire.drop();
    await alice.wire.take('member.updated', ({ patch }) => patch.presence === 'reconnecting');
    await bob.wire.resume();
    // Carol is lost later than Bob would have been.
    const carol = await cast.join(alice.snapshot.room.id, { name: 'Carol' });
    await carol.wire.drop();
    expect(await alice.wire.take('member.left')).toEqual({ memberId: carol.id, reason: 'lost' });
    expect((await bob.sync()).members.map(({ id }) => id)).toEqual([alice.id, bob.id]);
  });

  test('is over after its window before the join as well', async ({ server, cast }) => {
    const visitor = await cast.visit(await server.createRoom());
    await visitor.call('media.prepare', {});
    await visitor.drop();
    await expect.poll(() => server.metric('amphi_sessions'), { timeout: 5000 }).toBe(0);
    expect((await visitor.resume()).resumed).toBe(false);
  });
});

describe('leaving', () => {
  test('by closing the connection on purpose is seen at once', async ({ cast }) => {
    const [alice, bob] = await cast.gather(['Alice', 'Bob']);
    bob?.wire.close();
    const left = await alice?.wire.take('member.left');
    expect(left).toEqual({ memberId: bob?.id, reason: 'left' });
    expect(alice?.wire.inbox.rest()).toEqual([]);
  });

  test('by request is answered before the end', async ({ cast }) => {
    const [alice, bob] = await cast.gather(['Alice', 'Bob']);
    // In one go: what comes after the leave is not performed.
    const left = bob?.wire.send('leave', {});
    bob?.wire.fire('chat.send', { text: 'one more thing' });
    expect(await left).toEqual({ ok: true, data: {} });
    expect(await bob?.wire.take('session.ended')).toEqual({ reason: 'left' });
    await bob?.wire.closed();
    await alice?.wire.take('member.left');
    await alice?.caughtUp();
    expect(alice?.wire.inbox.rest()).toEqual([]);
  });

  test('from the prejoin page is heard by nobody', async ({ server, cast }) => {
    const room = await server.createRoom();
    const [alice] = await cast.gather(['Alice'], { room });
    const visitor = await cast.visit(room);
    expect(await visitor.send('leave', {})).toEqual({ ok: true, data: {} });
    await visitor.closed();
    await alice?.caughtUp();
    expect(alice?.wire.inbox.rest()).toEqual([]);
  });
});

describe('a room', () => {
  test('ends when the last one leaves, with all that was said in it', async ({ server, cast }) => {
    await expect.poll(() => server.metric('amphi_sessions'), { timeout: 5000 }).toBe(0);
    expect(await server.metric('amphi_rooms')).toBe(0);
    const room = await server.createRoom();
    const [alice, bob] = await cast.gather(['Alice', 'Bob'], { room });
    await alice?.wire.call('chat.send', { text: 'a secret' });
    await bob?.wire.call('leave', {});
    expect(await server.metric('amphi_rooms')).toBe(1);
    await alice?.wire.call('leave', {});
    await alice?.wire.closed();
    expect(await server.metric('amphi_rooms')).toBe(0);
    expect(await server.metric('amphi_sessions')).toBe(0);

    const later = await cast.join(room);
    expect(later.snapshot.members).toHaveLength(1);
    expect((await later.wire.call('chat.history', {})).messages).toEqual([]);
  });

  test('lives for somebody on its prejoin page', async ({ server, cast }) => {
    await expect.poll(() => server.metric('amphi_rooms'), { timeout: 5000 }).toBe(0);
    const room = await server.createRoom();
    const visitor = await cast.visit(room);
    const alice = await cast.join(room);
    alice.wire.close();
    await expect.poll(() => server.metric('amphi_members')).toBe(0);
    expect(await server.metric('amphi_rooms')).toBe(1);
    visitor.close();
    await expect.poll(() => server.metric('amphi_rooms')).toBe(0);
  });
});
