import type { SoundReport } from '@amphi/protocol';
import type { types } from 'mediasoup';
import {
  afterBrokenSound,
  afterMeasure,
  type BandwidthState,
  nextBandwidth,
  UNLIMITED,
  type Flow,
} from './bandwidth.ts';
import { ignoreClosed } from './errors.ts';
import type { RoomConsumer } from './room-consumer.ts';

/** For so long a receiver that is still finding out what gets through to it has all video in its lowest layer, at most. */
export const CAREFUL_MS = 2000;

/** What a member receives, fitted to its bandwidth by {@link nextBandwidth} for as long as the transport lasts. */
export class Downlink {
  readonly #transport: types.WebRtcTransport;
  readonly #consumers: ReadonlyMap<string, RoomConsumer>;
  #state = UNLIMITED;
  #estimate = 0;
  /** What the receiver found; null where it is about to say. */
  #expected: number | null | undefined;
  #begun = false;
  #careful: NodeJS.Timeout | undefined;
  #drained: NodeJS.Timeout | undefined;

  constructor(transport: types.WebRtcTransport, consumers: ReadonlyMap<string, RoomConsumer>) {
    this.#transport = transport;
    this.#consumers = consumers;
  }

  /** The worker tells its estimate about once a second, and at once when it falls by a quarter. */
  start(): void {
    this.#transport.on('trace', ({ type, info }) => {
      if (type !== 'bwe') return;
      this.#estimate = (info as { availableBitrate: number }).availableBitrate;
      this.#next();
    });
    this.#transport.observer.on('close', () => {
      clearTimeout(this.#drained);
      clearTimeout(this.#careful);
    });
    void ignoreClosed(this.#transport.enableTraceEvent(['bwe']));
  }

  /** What the receiver found to get through to it, in bits per second; null where it says so in a moment. */
  expect(bps: number | null): void {
    this.#expected = bps;
    if (!this.#begun || bps === null) return;
    this.#endCare();
    this.#measured(bps);
  }

  /** Call before tracks start: what there is no room for is not to begin with a key frame. */
  begin(): void {
    const expected = this.#begun ? undefined : this.#expected;
    this.#begun = true;
    if (expected === null) {
      this.#careful = setTimeout(() => {
        this.#endCare();
        this.#apply(this.#state);
      }, CAREFUL_MS).unref();
    }
    const { ceiling } = this.#state;
    if (typeof expected === 'number') this.#measured(expected);
    else if (ceiling === 0) this.#apply(this.#state);
    else this.#next(this.#allFlows());
  }

  #measured(bps: number): void {
    const next = afterMeasure(this.#state, bps, this.#allFlows(), performance.now());
    if (next.ceiling !== 0) this.#estimate = Math.min(this.#estimate || Infinity, next.ceiling);
    this.#apply(next);
  }

  #endCare(): void {
    clearTimeout(this.#careful);
    this.#careful = undefined;
  }

  /** The receiver hears sound in pieces. */
  async soundBroken({ receivedBps: received, lost }: SoundReport): Promise<void> {
    // What the worker told last may be a second old.
    const stats = await this.#transport.getStats().catch(() => []);
    const { availableOutgoingBitrate, sendBitrate: sent = 0 } = stats[0] ?? {};
    if (availableOutgoingBitrate === undefined || this.#transport.closed) return;
    this.#estimate = availableOutgoingBitrate;
    const now = performance.now();
    const { drainUntil } = this.#state;
    this.#apply(afterBrokenSound(this.#state, { received, sent, lost }, this.#estimate, this.#flows(), now));
    if (this.#state.drainUntil === drainUntil) return;
    clearTimeout(this.#drained);
    this.#drained = setTimeout(() => this.#next(), this.#state.drainUntil - now + 1).unref();
  }

  #next(flows = this.#flows()): void {
    this.#apply(nextBandwidth(this.#state, this.#estimate, flows, performance.now()));
  }

  #flows(): Flow[] {
    return [...this.#consumers.values()].filter(({ wanted }) => wanted).map(flowOf);
  }

  /** Also of what has not started, or is not looked at. */
  #allFlows(): Flow[] {
    return [...this.#consumers.values()].map(flowOf);
  }

  #apply(next: BandwidthState): void {
    const before = this.#state;
    this.#state = next;
    for (const consumer of this.#consumers.values()) {
      void consumer.hold(next.held.has(consumer.id));
      void consumer.coarsen(this.#careful !== undefined || (next.coarse && consumer.source.source === 'screen'));
    }
    if (next.ceiling !== before.ceiling) void ignoreClosed(this.#transport.setMaxOutgoingBitrate(next.ceiling));
    if (next.floor !== before.floor) void ignoreClosed(this.#transport.setMinOutgoingBitrate(next.floor));
  }
}

function flowOf({ id, priority, source }: RoomConsumer): Flow {
  return { id, priority, source: source.source };
}
