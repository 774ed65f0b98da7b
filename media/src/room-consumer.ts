import type { ConsumerInfo, RtpParameters, Source } from '@amphi/protocol';
import type { ConsumerUpdate } from '@amphi/rooms';
import type { types } from 'mediasoup';
import { ignoreClosed } from './errors.ts';
import type { RoomProducer } from './room-producer.ts';
import type { RouterNode } from './router-node.ts';

/**
 * Who gets bandwidth first, before the receiver has said so. The worker gives every video consumer its lowest layer, in
 * this order, then raises the first to all that it wants, then the next. Audio stands outside: it is never held back, and
 * where it would be crowded out {@link Downlink} holds cameras. A plain (one-layer) video stream cannot be thinned either, but its bitrate is taken off before the others get theirs.
 */
const DEFAULT_PRIORITY: Record<Source, number> = { screen: 200, camera: 100, microphone: 1, 'screen-audio': 1 };

/** One track on its way to one member. Sends to the worker only what changes. */
export class RoomConsumer {
  readonly info: ConsumerInfo;
  /** The member who receives it. */
  readonly memberId: string;
  readonly source: RoomProducer;
  /** The router of the receiver; not the producer's where the track is piped. */
  readonly node: RouterNode;
  readonly #consumer: types.Consumer;
  #started = false;
  #running = false;
  #paused = false;
  #held = false;
  #coarse = false;
  #spatialLayer: number | undefined;
  #temporalLayer: number | undefined;
  #priority: number;

  constructor(memberId: string, source: RoomProducer, node: RouterNode, consumer: types.Consumer) {
    this.memberId = memberId;
    this.source = source;
    this.node = node;
    this.#consumer = consumer;
    this.info = {
      id: consumer.id,
      producerId: source.id,
      memberId: source.memberId,
      kind: consumer.kind,
      rtpParameters: consumer.rtpParameters as RtpParameters,
      type: consumer.type,
    };
    this.#priority = DEFAULT_PRIORITY[source.source];
    if (consumer.kind === 'video') void ignoreClosed(consumer.setPriority(this.#priority));
    this.#want();
  }

  get id(): string {
    return this.info.id;
  }

  /**
   * Lets media flow. The worker asks the publisher for a key frame when it resumes a consumer whose transport is connected,
   * else as soon as it is; asking once more from here would cost the publisher a second one.
   */
  async start(): Promise<void> {
    this.#started = true;
    await this.#run();
  }

  /** Asks for a key frame of the layer that is to be sent and of the one that is. The worker puts requests together. */
  async requestKeyFrame(): Promise<void> {
    if (this.info.kind !== 'video' || !this.#running || this.source.paused) return;
    await ignoreClosed(this.#consumer.requestKeyFrame());
  }

  async update(update: ConsumerUpdate): Promise<void> {
    const sent: Promise<void>[] = [];
    const spatialLayer = update.spatialLayer ?? this.#spatialLayer;
    const temporalLayer = update.temporalLayer ?? this.#temporalLayer;
    if (spatialLayer !== this.#spatialLayer || temporalLayer !== this.#temporalLayer) {
      this.#spatialLayer = spatialLayer;
      this.#temporalLayer = temporalLayer;
      sent.push(this.#sendLayers());
    }
    if (update.priority !== undefined && update.priority !== this.#priority) {
      this.#priority = update.priority;
      if (this.info.kind === 'video') sent.push(ignoreClosed(this.#consumer.setPriority(update.priority)));
    }
    if (update.paused !== undefined && update.paused !== this.#paused) {
      this.#paused = update.paused;
      sent.push(this.#run());
    }
    this.#want();
    await Promise.all(sent);
  }

  /** Its importance to the receiver, 1 to 255. */
  get priority(): number {
    return this.#priority;
  }

  /** Whether the receiver wants it now, and there is something to get. */
  get wanted(): boolean {
    return this.#started && !this.#paused && !this.source.paused;
  }

  /** Stops it for want of bandwidth, or lets it go on. What the receiver wants is kept. */
  async hold(held: boolean): Promise<void> {
    if (held === this.#held) return;
    this.#held = held;
    await this.#run();
  }

  /** Has its lowest layer sent only, for want of bandwidth, or again what the receiver wants. */
  async coarsen(coarse: boolean): Promise<void> {
    if (coarse === this.#coarse) return;
    this.#coarse = coarse;
    await this.#sendLayers();
  }

  /** Ends it before its transport does. */
  close(): void {
    this.#consumer.close();
  }

  /** No longer counts for what the publisher has to send. */
  forget(): void {
    this.source.consumers.delete(this);
    const { demand } = this.source;
    if (demand?.wants.delete(this.id) === true) demand.changed();
  }

  async #run(): Promise<void> {
    const running = this.#started && !this.#paused && !this.#held;
    if (running === this.#running) return;
    this.#running = running;
    await ignoreClosed(running ? this.#consumer.resume() : this.#consumer.pause());
  }

  async #sendLayers(): Promise<void> {
    if (this.info.type === 'simple') return;
    const top = this.source.spatialLayers - 1;
    const spatialLayer = this.#coarse ? 0 : Math.min(this.#spatialLayer ?? top, top);
    await ignoreClosed(
      this.#consumer.setPreferredLayers(
        this.#temporalLayer === undefined ? { spatialLayer } : { spatialLayer, temporalLayer: this.#temporalLayer },
      ),
    );
  }

  #want(): void {
    const { demand } = this.source;
    if (demand === undefined) return;
    demand.wants.set(this.id, { paused: this.#paused, spatialLayer: this.#spatialLayer });
    demand.changed();
  }
}
