import type { types } from 'mediasoup';
import { type Flow, type Measured, nextBandwidth, THIN_LINK, UNLIMITED } from './bandwidth.ts';
import { ignoreClosed } from './errors.ts';
import type { RoomConsumer } from './room-consumer.ts';

/** What a member receives, fitted to its bandwidth by {@link nextBandwidth} for as long as the transport lasts. */
export class Downlink {
  readonly #transport: types.WebRtcTransport;
  readonly #consumers: ReadonlyMap<string, RoomConsumer>;
  #state = UNLIMITED;
  #estimate = 0;
  #drained: NodeJS.Timeout | undefined;

  constructor(transport: types.WebRtcTransport, consumers: ReadonlyMap<string, RoomConsumer>) {
    this.#transport = transport;
    this.#consumers = consumers;
  }

  /** The worker tells its estimate about once a second, and at once when it falls by a quarter. */
  start(): void {
    this.#transport.on('trace', ({ type, info }) => {
      if (type === 'bwe') void this.#measure((info as { availableBitrate: number }).availableBitrate);
    });
    this.#transport.observer.on('close', () => clearTimeout(this.#drained));
    void ignoreClosed(this.#transport.enableTraceEvent(['bwe']));
  }

  async #measure(estimate: number): Promise<void> {
    this.#estimate = estimate;
    // Only where it can matter: it is a question to the worker.
    if (estimate >= THIN_LINK) {
      this.#apply({ estimate, sending: 0 });
      return;
    }
    const stats = await this.#transport.getStats().catch(() => []);
    if (this.#estimate === estimate) this.#apply({ estimate, sending: stats[0]?.sendBitrate ?? 0 });
  }

  #apply(measured: Measured): void {
    if (this.#transport.closed) return;
    const flows: Flow[] = [];
    for (const { id, wanted, priority, source } of this.#consumers.values()) {
      if (wanted) flows.push({ id, priority, source: source.source });
    }
    const before = this.#state;
    const now = performance.now();
    const next = nextBandwidth(before, measured, flows, now);
    this.#state = next;
    for (const consumer of this.#consumers.values()) {
      if (consumer.source.source === 'screen') void consumer.limit(next.smallScreens ? 0 : undefined);
      void consumer.hold(next.held.has(consumer.id));
    }
    if (next.ceiling !== before.ceiling) void ignoreClosed(this.#transport.setMaxOutgoingBitrate(next.ceiling));
    if (next.floor !== before.floor) void ignoreClosed(this.#transport.setMinOutgoingBitrate(next.floor));
    if (next.drainUntil === before.drainUntil) return;
    const end = (): void => this.#apply({ estimate: Math.min(this.#estimate, next.ceiling), sending: 0 });
    clearTimeout(this.#drained);
    this.#drained = setTimeout(end, next.drainUntil - now + 1).unref();
  }
}
