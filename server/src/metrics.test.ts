import { expect, test } from 'vitest';
import { createFigures, totalOf, MEDIA_MAX_AGE_MS } from './figures.ts';
import { createMetrics } from './metrics.ts';

const traffic = {
  roomId: 'lab',
  transports: { udp: 3, tcp: 1, none: 0 },
  producers: { camera: 2, microphone: 2, screen: 0, 'screen-audio': 0 },
  consumers: { camera: 2, microphone: 2, screen: 0, 'screen-audio': 0 },
  received: 8_000_000,
  sent: 16_000_000,
  lossReceived: 0.02,
  lossSent: 0,
};
const worker = { index: 0, pid: 7, port: 44_400, routers: 1, transports: 4, consumers: 4 };
const stats = { rooms: 1, workersLost: 2, workers: [{ ...worker, cpuSeconds: 12.5, cpuShare: 0.4, rssBytes: 1e8 }] };

function figuresOf(reads: { count: number } = { count: 0 }, now = () => 0) {
  const members = [{ role: 'host' }, { role: 'speaker' }, { role: 'speaker' }];
  return createFigures(
    {
      directory: { live: () => [{ id: 'lab', size: 3, members: () => members }] as never },
      sessions: { size: 5 },
      relay: { status: () => ({ state: 'running', urls: [] }) },
      plane: {
        stats: async () => stats,
        traffic: async () => {
          reads.count += 1;
          return [traffic];
        },
      },
    },
    now,
  );
}

test('all figures are shown', async () => {
  const metrics = createMetrics(new Set(['join']));
  metrics.watch(figuresOf());
  metrics.answered('join', { ok: true, data: {} }, 80);
  metrics.answered('join', { ok: false, error: { code: 'room-full', message: 'full' } }, 1);
  metrics.answered('made-up', { ok: false, error: { code: 'unknown-method', message: 'no' } }, 1);
  metrics.connected('tcp', 300);
  metrics.refused('forbidden');
  const connections = [{ protocol: 'srt', picture: 'encoded' }, { protocol: 'whip' }] as const;
  metrics.watchPublishers(() => ({ connections, taken: { whip: 1, rtmp: 0, srt: 3 }, freeCores: 0.7 }));
  const text = await metrics.render();
  for (const line of [
    'amphi_rooms 1',
    'amphi_members{role="speaker"} 2',
    'amphi_members{role="host"} 1',
    'amphi_members{role="viewer"} 0',
    'amphi_sessions 5',
    'amphi_turn_state{state="running"} 1',
    'amphi_turn_state{state="failed"} 0',
    'amphi_transports{protocol="udp"} 3',
    'amphi_producers{source="camera"} 2',
    'amphi_consumers{source="microphone"} 2',
    'amphi_media_bytes_per_second{direction="in"} 1000000',
    'amphi_media_bytes_per_second{direction="out"} 2000000',
    'amphi_media_loss_ratio{direction="in"} 0.02',
    'amphi_publishers{protocol="whip"} 1',
    'amphi_publishers{protocol="rtmp"} 0',
    'amphi_publishers{protocol="srt"} 1',
    'amphi_publisher_pictures{treatment="encoded"} 1',
    'amphi_publisher_pictures{treatment="no-core"} 0',
    'amphi_publisher_connections_total{protocol="srt"} 3',
    'amphi_transcode_free_cores 0.7',
    'amphi_workers 1',
    'amphi_workers_lost_total 2',
    'amphi_worker_cpu_seconds_total{worker="0"} 12.5',
    'amphi_worker_resident_memory_bytes{worker="0"} 100000000',
    'amphi_requests_total{method="join",code="ok"} 1',
    'amphi_requests_total{method="join",code="room-full"} 1',
    'amphi_requests_total{method="unknown",code="unknown-method"} 1',
    'amphi_refused_connections_total{code="forbidden"} 1',
    'amphi_join_duration_seconds_bucket{le="0.1"} 1',
    'amphi_join_duration_seconds_count 1',
    'amphi_transport_connect_duration_seconds_bucket{le="0.25",protocol="tcp"} 0',
    'amphi_transport_connect_duration_seconds_count{protocol="tcp"} 1',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
  expect(text).toMatch(/^amphi_info\{amphi="\d+\.\d+\.\d+",node="24\..*",mediasoup="3\..*"\} 1$/m);
  // What counts up does so no further when it is looked at again.
  expect(await metrics.render()).toContain('amphi_worker_cpu_seconds_total{worker="0"} 12.5\n');
});

test('names and types follow the conventions of Prometheus', () => {
  for (const { name, type, help } of createMetrics(new Set()).describe()) {
    if (!name.startsWith('amphi_')) continue;
    expect(name).toMatch(/^amphi_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith('_total'), name).toBe(type === 'counter');
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    expect(help).toMatch(/\.$/);
  }
});

test('the workers are asked once for all who look within two seconds, and again after a failure', async () => {
  const reads = { count: 0 };
  let now = 0;
  const figures = figuresOf(reads, () => now);
  await Promise.all([figures.media(), figures.media()]);
  now += MEDIA_MAX_AGE_MS;
  await figures.media();
  expect(reads.count).toBe(1);
  now += 1;
  await figures.media();
  expect(reads.count).toBe(2);
});

test('loss of all rooms counts by what they carry', () => {
  const quiet = { ...traffic, received: 0, sent: 0, lossReceived: 1, lossSent: 1 };
  const half = { ...traffic, lossReceived: 0.04, lossSent: 0.5 };
  const total = totalOf([traffic, half, quiet]);
  expect(total.lossReceived).toBeCloseTo(0.03);
  expect(total.lossSent).toBeCloseTo(0.25);
  expect(total.transports).toEqual({ udp: 9, tcp: 3, none: 0 });
  expect(totalOf([])).toMatchObject({ received: 0, lossReceived: 0 });
});
