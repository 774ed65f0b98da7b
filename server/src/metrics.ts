import type { Answer } from '@amphi/protocol';
import type { RoomDirectory, SessionManager } from '@amphi/rooms';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

export interface Metrics {
  /** The Prometheus text format. */
  render(): Promise<string>;
  readonly contentType: string;
  answered(method: string, answer: Answer): void;
  joined(): void;
  refused(code: string): void;
  /** Says whose sizes are shown. */
  watch(sources: { directory: RoomDirectory; sessions: SessionManager; workers: () => Promise<number> }): void;
}

/** Counters and gauges of one server. Gauges are read when somebody looks. */
export function createMetrics(methods: ReadonlySet<string>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'amphi_requests_total',
    help: 'Answered requests by method and result.',
    labelNames: ['method', 'code'],
    registers,
  });
  const joins = new Counter({ name: 'amphi_joins_total', help: 'Joins.', registers });
  const refusals = new Counter({
    name: 'amphi_refused_connections_total',
    help: 'Refused connections by reason.',
    labelNames: ['code'],
    registers,
  });

  function gauge(name: string, help: string, read: () => number | Promise<number>): void {
    const made: Gauge = new Gauge({
      name,
      help,
      registers,
      async collect() {
        made.set(await read());
      },
    });
  }

  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    answered(method, answer) {
      // A label value per name that somebody makes up would fill the memory.
      requests.inc({ method: methods.has(method) ? method : 'unknown', code: answer.ok ? 'ok' : answer.error.code });
    },
    joined: () => joins.inc(),
    refused: (code) => refusals.inc({ code }),
    watch({ directory, sessions, workers }) {
      gauge('amphi_rooms', 'Rooms with somebody in them.', () => directory.live().length);
      gauge('amphi_members', 'Members of all rooms.', () => directory.live().reduce((sum, { size }) => sum + size, 0));
      gauge('amphi_sessions', 'Sessions, joined or not, also those that may be resumed.', () => sessions.size);
      gauge('amphi_workers', 'Media workers that run.', workers);
    },
  };
}
