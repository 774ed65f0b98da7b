import type { MediaStats } from '@amphi/media';
import { type Answer, KIND_OF_SOURCE, PERSON_ROLES, type Role, type Source } from '@amphi/protocol';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type Figures, type MediaFigures, totalOf } from './figures.ts';
import { INGEST_PROTOCOLS, type IngestProtocol, type PublisherConnection } from './ingest/publishers.ts';
import type { LiveFigures } from './live/live.ts';
import type { RelayStatus } from './turn/relay.ts';
import { VERSIONS } from './versions.ts';

export interface Metrics {
  /** The Prometheus text format. */
  render(): Promise<string>;
  readonly contentType: string;
  /** A request was answered, so many milliseconds after it came. */
  answered(method: string, answer: Answer, tookMs: number): void;
  /** A transport has its connection, so many milliseconds after it was made. */
  connected(protocol: 'udp' | 'tcp', tookMs: number): void;
  refused(code: string): void;
  /** Says whose figures are shown. */
  watch(figures: Figures): void;
  watchLive(figures: () => LiveFigures): void;
  watchPublishers(figures: () => PublisherFigures): void;
  /** What there is, for the reference. */
  describe(): { name: string; help: string; type: string; labels: readonly string[] }[];
}

/** The programs that publish. `taken`: how many connections there were. */
export type PublisherFigures = {
  connections: readonly Pick<PublisherConnection, 'protocol' | 'picture'>[];
  taken: Readonly<Record<IngestProtocol, number>>;
  freeCores: number;
};

const TREATMENTS: readonly PublisherConnection['picture'][] = ['as-sent', 'encoded', 'no-core', 'no-ffmpeg'];
const MEMBER_ROLES: readonly Role[] = [...PERSON_ROLES, 'recorder', 'publisher'];
const SOURCES = Object.keys(KIND_OF_SOURCE) as Source[];
const RELAY_STATES: readonly RelayStatus['state'][] = ['off', 'external', 'running', 'failed'];
const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Counters and gauges of one server. Gauges are read when somebody looks, and those for which the media workers have to
 * be asked at most every 2 s; so it costs nothing where nobody looks.
 */
export function createMetrics(methods: ReadonlySet<string>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const requests = counter('amphi_requests_total', 'Answered requests.', ['method', 'code']);
  const refusals = counter('amphi_refused_connections_total', 'Refused connections of clients.', ['code']);
  const joins = histogram('amphi_join_duration_seconds', 'From a request to join to its answer, where people came in.');
  const connects = histogram(
    'amphi_transport_connect_duration_seconds',
    'From the making of a transport to its ICE and DTLS connection.',
    ['protocol'],
  );
  gauge('amphi_info', 'Always 1; the labels say what runs.', ['amphi', 'node', 'mediasoup']).set(VERSIONS, 1);
  const rooms = gauge('amphi_rooms', 'Rooms with somebody in them.');
  const members = gauge('amphi_members', 'Members of all rooms.', ['role']);
  const sessions = gauge('amphi_sessions', 'Sessions, joined or not, also those that may be resumed.');
  const relay = gauge('amphi_turn_state', '1 for the state that the TURN relay is in, 0 for the others.', ['state']);
  const transports = gauge('amphi_transports', 'Transports of members, by what carries them.', ['protocol']);
  const producers = gauge('amphi_producers', 'Tracks that members send to the SFU.', ['source']);
  const consumers = gauge('amphi_consumers', 'Tracks that the SFU sends to members.', ['source']);
  const bytes = gauge('amphi_media_bytes_per_second', 'Media from members (in) and to them (out).', ['direction']);
  const loss = gauge(
    'amphi_media_loss_ratio',
    'Share of the RTP packets that is lost on the way, 0 to 1, each transport counting by its bitrate.',
    ['direction'],
  );
  const workers = gauge('amphi_workers', 'Media workers that run.');
  const workersLost = counter('amphi_workers_lost_total', 'Media workers that ended by themselves.');
  const cpu = counter('amphi_worker_cpu_seconds_total', 'CPU time of a media worker, user and system.', ['worker']);
  const memory = gauge('amphi_worker_resident_memory_bytes', 'Memory of a media worker in RAM.', ['worker']);
  const carried = gauge('amphi_worker_consumers', 'Tracks that a media worker sends.', ['worker']);

  const publishers = gauge('amphi_publishers', 'Programs that publish, or are expected back, by how.', ['protocol']);
  const treated = gauge(
    'amphi_publisher_pictures',
    'Programs that publish by RTMP or SRT, by what is done with their picture, as `ingest.read` has it.',
    ['treatment'],
  );
  const came = counter('amphi_publisher_connections_total', 'Connections by which programs published.', ['protocol']);
  const cores = gauge('amphi_transcode_free_cores', 'Cores that may still be used for encoding pictures.');

  const hlsStreams = gauge('amphi_hls_streams', 'Live events that can be watched by HLS.');
  const hlsViewers = gauge('amphi_hls_viewers', 'About how many watch by HLS at this server; a cache counts as one.');
  const hlsWaiting = gauge('amphi_hls_waiting_requests', 'Requests that wait for what comes next of a live event.');
  const hlsAnswers = counter('amphi_hls_answers_total', 'Answers of HLS, by what was asked for.', ['kind']);
  const hlsBytes = counter('amphi_hls_bytes_total', 'Bytes that were sent by HLS.');

  function counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name, help, labelNames, registers });
  }

  function gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name, help, labelNames, registers });
  }

  function histogram(name: string, help: string, labelNames: string[] = []): Histogram {
    return new Histogram({ name, help, labelNames, buckets: SECONDS, registers });
  }

  function showPeople(figures: Figures): void {
    const live = figures.rooms();
    rooms.set(live.length);
    sessions.set(figures.sessions());
    for (const role of MEMBER_ROLES) {
      members.set(
        { role },
        live.reduce((sum, { roles }) => sum + (roles[role] ?? 0), 0),
      );
    }
    for (const state of RELAY_STATES) relay.set({ state }, figures.relay().state === state ? 1 : 0);
  }

  function showMedia({ traffic, stats }: MediaFigures): void {
    const total = totalOf(traffic);
    for (const protocol of ['udp', 'tcp', 'none'] as const) transports.set({ protocol }, total.transports[protocol]);
    bytes.set({ direction: 'in' }, total.received / 8);
    bytes.set({ direction: 'out' }, total.sent / 8);
    loss.set({ direction: 'in' }, total.lossReceived);
    loss.set({ direction: 'out' }, total.lossSent);
    for (const source of SOURCES) {
      producers.set(
        { source },
        traffic.reduce((sum, room) => sum + room.producers[source], 0),
      );
      consumers.set(
        { source },
        traffic.reduce((sum, room) => sum + room.consumers[source], 0),
      );
    }
    showWorkers(stats);
  }

  function showWorkers(stats: MediaStats): void {
    // What they count up they tell as a total; one that is replaced begins anew, as Prometheus expects of counters.
    for (const metric of [workersLost, cpu, memory, carried]) metric.reset();
    workers.set(stats.workers.length);
    workersLost.inc(stats.workersLost);
    for (const { index, cpuSeconds, rssBytes, consumers: count } of stats.workers) {
      const labels = { worker: String(index) };
      cpu.inc(labels, cpuSeconds);
      memory.set(labels, rssBytes);
      carried.set(labels, count);
    }
  }

  function showLive({ streams, viewers, waiting, answers, bytes: sent }: LiveFigures): void {
    hlsStreams.set(streams);
    hlsViewers.set(viewers);
    hlsWaiting.set(waiting);
    // Counted elsewhere, and never back.
    hlsAnswers.reset();
    for (const [kind, count] of Object.entries(answers)) hlsAnswers.inc({ kind }, count);
    hlsBytes.reset();
    hlsBytes.inc(sent);
  }

  function showPublishers({ connections, taken, freeCores }: PublisherFigures): void {
    came.reset();
    for (const protocol of INGEST_PROTOCOLS) {
      publishers.set({ protocol }, connections.filter((connection) => connection.protocol === protocol).length);
      came.inc({ protocol }, taken[protocol]);
    }
    for (const treatment of TREATMENTS) {
      treated.set({ treatment }, connections.filter(({ picture }) => picture === treatment).length);
    }
    cores.set(freeCores);
  }

  let figures: Figures | undefined;
  let live: (() => LiveFigures) | undefined;
  let publishing: (() => PublisherFigures) | undefined;
  return {
    contentType: registry.contentType,
    watch: (shown) => void (figures = shown),
    watchLive: (shown) => void (live = shown),
    watchPublishers: (shown) => void (publishing = shown),

    async render() {
      if (live) showLive(live());
      if (publishing) showPublishers(publishing());
      if (figures) {
        showMedia(await figures.media());
        showPeople(figures);
      }
      return registry.metrics();
    },

    answered(method, answer, tookMs) {
      // A label value per name that somebody makes up would fill the memory.
      requests.inc({ method: methods.has(method) ? method : 'unknown', code: answer.ok ? 'ok' : answer.error.code });
      if (method === 'join' && answer.ok) joins.observe(tookMs / 1000);
    },
    connected: (protocol, tookMs) => connects.observe({ protocol }, tookMs / 1000),
    refused: (code) => refusals.inc({ code }),

    describe: () =>
      registry.getMetricsAsArray().map((metric) => {
        const { name, help, type, labelNames = [] } = metric as typeof metric & { labelNames?: string[] };
        return { name, help, type: String(type), labels: labelNames };
      }),
  };
}
