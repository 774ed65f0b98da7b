import type { types } from 'mediasoup';
import { nextBandwidth, UNLIMITED, type Flow } from './bandwidth.ts';
import { ignoreClosed } from './errors.ts';
import type { RoomConsumer } from './room-consumer.ts';

/** What a member receives, fitted to its bandwidth by {@link nextBandwidth} for as long as the transport lasts. */
export class Downlink {
  readonly #transport: types.WebRtcTransport;
  readonly #consumers: ReadonlyMap<string, RoomConsumer>;
  #state = UNLIMITED;

  constructor(transport: types.WebRtcTransport, consumers: ReadonlyMap<string, RoomConsumer>) {
    this.#transport = transport;
    this.#consumers = consumers;
  }

  /** The worker tells its estimate about once a second, and at once when it falls by a quarter. */
  start(): void {
    this.#transport.on('trace', ({ type, info }) => {
      if (type === 'bwe') this.#apply((info as { availableBitrate: number }).availableBitrate);
    });
    void ignoreClosed(this.#transport.enableTraceEvent(['bwe']));
  }

  #apply(estimate: number): void {
    const flows: Flow[] = [];
    for (const { id, wanted, priority, source } of this.#consumers.values()) {
      if (wanted) flows.push({ id, priority, source: source.source });
    }
    const before = this.#state;
    const next = nextBandwidth(before, estimate, flows, performance.now());
    this.#state = next;
    for (const consumer of this.#consumers.values()) void consumer.hold(next.held.has(consumer.id));
    if (next.ceiling !== before.ceiling) void ignoreClosed(this.#transport.setMaxOutgoingBitrate(next.ceiling));
    if (next.floor !== before.floor) void ignoreClosed(this.#transport.setMinOutgoingBitrate(next.floor));
  }
}
