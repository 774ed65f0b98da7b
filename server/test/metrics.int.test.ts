import { describe, expect } from 'vitest';
import { testWithServer } from './support/fixtures.ts';

const test = testWithServer();

describe('metrics', () => {
  test('count what there is', async ({ server, cast }) => {
    const room = await server.createRoom();
    const [alice, bob] = await cast.gather(['Alice', 'Bob'], { room });
    await alice?.publishCamera();
    await bob?.publishMicrophone();
    // Gauges of media are at most two seconds old.
    await expect.poll(() => server.metric('amphi_producers'), { timeout: 5000 }).toBe(2);
    expect(await server.metric('amphi_rooms')).toBe(1);
    expect(await server.metric('amphi_members')).toBe(2);
    expect(await server.metric('amphi_consumers')).toBe(2);
    expect(await server.metric('amphi_transports')).toBe(4);
    expect(await server.metric('amphi_workers')).toBe(1);
    expect(await server.metric('amphi_worker_resident_memory_bytes')).toBeGreaterThan(1_000_000);
    expect(await server.metric('amphi_join_duration_seconds_count')).toBe(2);
    expect(await server.metric('amphi_requests_total')).toBeGreaterThanOrEqual(4);

    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text).toContain('amphi_producers{source="camera"} 1');
    expect(text).toContain('amphi_transports{protocol="none"} 4');
    // Whoever reads figures learns no names.
    expect(text).not.toContain(room);
    expect(text).not.toMatch(/Alice|Bob/);
  });

  test('forget nobody who left', async ({ server, cast }) => {
    const [alice] = await cast.gather(['Alice']);
    await alice?.wire.call('leave', {});
    await expect.poll(() => server.metric('amphi_transports'), { timeout: 5000 }).toBe(0);
    expect(await server.metric('amphi_members')).toBe(0);
  });
});
