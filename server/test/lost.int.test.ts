import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { testWithServer } from './support/fixtures.ts';
import { startProxy } from './support/proxy.ts';

/** With the windows that people get. */
const test = testWithServer();

const DEAD_MEDIA_MS = 8000;
const HEARTBEAT_MS = 10_000;

describe.concurrent('somebody whose media is dead', () => {
  test('is gone after 8 s when the connection was closed: the tab was killed', async ({ cast }) => {
    const [alice, bob] = await cast.gather(['Alice', 'Bob']);
    await bob?.wire.drop();
    const droppedAt = performance.now();
    const left = await alice?.wire.take('member.left', undefined, DEAD_MEDIA_MS + 2000);
    expect(left).toEqual({ memberId: bob?.id, reason: 'lost' });
    expect(performance.now() - droppedAt).toBeGreaterThan(DEAD_MEDIA_MS - 500);
  });

  test('is not gone when it came back in time', async ({ cast }) => {
    const [alice, bob] = await cast.gather(['Alice', 'Bob']);
    await bob?.wire.drop();
    await sleep(DEAD_MEDIA_MS / 2);
    expect((await bob?.wire.resume())?.resumed).toBe(true);
    await sleep(DEAD_MEDIA_MS);
    expect((await alice?.sync())?.members).toHaveLength(2);
    expect(bob?.wire.connected).toBe(true);
  });

  test('keeps its place when the connection fell silent: the network may come back', async ({
    server,
    cast,
    onTestFinished,
  }) => {
    const proxy = await startProxy(server.port);
    onTestFinished(() => proxy.close());
    const room = await server.createRoom();
    const [alice] = await cast.gather(['Alice'], { room });
    const wire = await cast.visit(room, { url: proxy.url });
    await wire.call('join', { name: 'Bob', rtpCapabilities: {} });
    proxy.stall();
    const stalledAt = performance.now();
    const presence = await alice?.wire.take('member.updated', undefined, HEARTBEAT_MS + 2000);
    expect(presence).toEqual({ memberId: wire.id, patch: { presence: 'reconnecting' } });
    // A dead peer is noticed within 10 s.
    expect(performance.now() - stalledAt).toBeLessThan(HEARTBEAT_MS + 1500);
    await sleep(DEAD_MEDIA_MS + 500);
    expect((await alice?.sync())?.members.map(({ id }) => id)).toContain(wire.id);
    await alice?.wire.call('chat.send', { text: 'still there?' });
    expect((await wire.resume()).resumed).toBe(true);
    expect((await wire.take('chat.message')).message.text).toBe('still there?');
  });
});
