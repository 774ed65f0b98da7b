import {
  AmphiError,
  type ConsumerInfo,
  type RtpCapabilities,
  type TransportInfo,
  type TransportPair,
} from '@amphi/protocol';
import type {
  ConsumerUpdate,
  MediaInlet,
  MediaPlane,
  MediaTap,
  ProducerOptions,
  RoomMedia,
  RoomMediaEvents,
  TapOptions,
  TapSink,
} from '../media.ts';

/** A media plane that remembers what it was asked for and carries nothing. */
export class FakePlane implements MediaPlane {
  readonly rtpCapabilities: RtpCapabilities = { codecs: [], headerExtensions: [] };
  readonly #rooms = new Map<string, FakeRoomMedia>();
  /** No worker runs. */
  unavailable = false;

  async createRoom(roomId: string, events: RoomMediaEvents): Promise<RoomMedia> {
    if (this.unavailable) throw new AmphiError('media-unavailable', 'no worker', { retryAfterMs: 500 });
    const room = new FakeRoomMedia(events);
    this.#rooms.set(roomId, room);
    return room;
  }

  /** The media of a room that was made. */
  room(id: string): FakeRoomMedia {
    const room = this.#rooms.get(id);
    if (!room) throw new Error(`there is no media for the room ${id}`);
    return room;
  }

  async close(): Promise<void> {
    for (const room of this.#rooms.values()) room.close();
  }
}

/** A tap that is open; whoever tests calls its sink. */
export type FakeTap = { producerId: string; sink: TapSink; options: TapOptions; keyFrameRequests: number };

export class FakeRoomMedia implements RoomMedia {
  readonly events: RoomMediaEvents;
  readonly transports = new Map<string, TransportPair>();
  /** The inlets of members that have no transports. */
  readonly inlets = new Map<string, string>();
  readonly producers = new Map<string, { memberId: string; paused: boolean; codec: string | undefined }>();
  readonly consumers = new Map<string, ConsumerInfo & { to: string }>();
  readonly started: string[] = [];
  readonly updates: ConsumerUpdate[] = [];
  readonly connected: string[] = [];
  readonly taps = new Set<FakeTap>();
  /** Members whose ICE consent is fresh. */
  readonly alive = new Set<string>();
  /** Rejects the next `createTransports`. */
  failure: Error | undefined;
  /** Holds `consume` back until it is resolved. */
  gate: Promise<void> = Promise.resolve();
  /** Holds `createProducer` back until it is resolved. */
  producerGate: Promise<void> = Promise.resolve();
  closed = false;
  #made = 0;

  constructor(events: RoomMediaEvents) {
    this.events = events;
  }

  async createTransports(memberId: string): Promise<TransportPair> {
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure;
    this.removeMember(memberId);
    const pair = { send: transport(`send-${++this.#made}`), recv: transport(`recv-${this.#made}`) };
    this.transports.set(memberId, pair);
    return pair;
  }

  transportsOf(memberId: string): TransportPair | undefined {
    return this.transports.get(memberId);
  }

  /** The id of the transport on which the member sends. */
  sendId(memberId: string): string {
    return this.transports.get(memberId)?.send.id ?? `${memberId} has no transports`;
  }

  async connectTransport(memberId: string, transportId: string): Promise<void> {
    this.#assertOwn(memberId, transportId);
    this.connected.push(transportId);
  }

  async restartIce(memberId: string, transportId: string) {
    this.#assertOwn(memberId, transportId);
    return { usernameFragment: 'again', password: 'secret' };
  }

  setCapabilities(): void {}

  async openInlet(memberId: string): Promise<MediaInlet> {
    this.removeMember(memberId);
    const id = `inlet-${++this.#made}`;
    this.inlets.set(memberId, id);
    return {
      id,
      send() {},
      report() {},
      setAlive: (alive) => this.events.alive(memberId, alive),
    };
  }

  async createProducer(memberId: string, options: ProducerOptions): Promise<{ spatialLayers: number }> {
    this.#assertOwn(memberId, options.transportId);
    await this.producerGate;
    const codec = options.rtpParameters.codecs[0]?.mimeType.toLowerCase();
    this.producers.set(options.producerId, { memberId, paused: options.paused, codec });
    return { spatialLayers: options.kind === 'video' ? 3 : 1 };
  }

  hasProducer(producerId: string): boolean {
    return this.producers.has(producerId);
  }

  codecOf(producerId: string): string | undefined {
    return this.producers.get(producerId)?.codec;
  }

  async figuresOf(producerId: string) {
    const codec = this.producers.get(producerId)?.codec;
    return codec === undefined
      ? undefined
      : { codec: codec.replace(/^.*\//, ''), channels: null, bitrate: 0, loss: 0, roundTrip: null };
  }

  async setProducerPaused(producerId: string, paused: boolean): Promise<void> {
    const producer = this.producers.get(producerId);
    if (producer) producer.paused = paused;
  }

  closeProducer(producerId: string): void {
    this.producers.delete(producerId);
    for (const [id, consumer] of this.consumers) {
      if (consumer.producerId === producerId) this.closeConsumer(id);
    }
  }

  closeConsumer(id: string): void {
    const consumer = this.consumers.get(id);
    if (!consumer) return;
    this.consumers.delete(id);
    this.events.consumerClosed(consumer.to, id);
  }

  async consume(memberId: string, producerId: string): Promise<ConsumerInfo | undefined> {
    await this.gate;
    const producer = this.producers.get(producerId);
    if (!producer || !this.transports.has(memberId)) return undefined;
    const id = `${memberId}<${producerId}`;
    const info: ConsumerInfo & { to: string } = {
      id,
      producerId,
      memberId: producer.memberId,
      kind: 'video',
      type: 'simulcast',
      rtpParameters: { codecs: [] },
      to: memberId,
    };
    this.consumers.set(id, info);
    return info;
  }

  consumersOf(memberId: string): ConsumerInfo[] {
    return [...this.consumers.values()].filter(({ to }) => to === memberId);
  }

  async startConsumers(_memberId: string, consumerIds: readonly string[]): Promise<void> {
    this.started.push(...consumerIds);
  }

  expectDownlink(): void {}
  async requestKeyFrames(): Promise<void> {}
  async soundBroken(): Promise<void> {}

  async updateConsumers(_memberId: string, updates: readonly ConsumerUpdate[]): Promise<void> {
    this.updates.push(...updates);
  }

  tap(producerId: string, sink: TapSink, options: TapOptions = {}): MediaTap {
    const tap: FakeTap = { producerId, sink, options, keyFrameRequests: 0 };
    this.taps.add(tap);
    return {
      requestKeyFrame: () => void tap.keyFrameRequests++,
      close: () => void this.taps.delete(tap),
    };
  }

  closeConsumers(memberId: string): void {
    for (const [id, { to }] of this.consumers) if (to === memberId) this.consumers.delete(id);
  }

  isAlive(memberId: string): boolean {
    return this.alive.has(memberId);
  }

  removeMember(memberId: string): void {
    this.#close(memberId);
    this.transports.delete(memberId);
    this.inlets.delete(memberId);
  }

  close(): void {
    this.closed = true;
  }

  /** A worker with these members on it was killed, and another has taken its place. */
  lose(memberIds: readonly string[]): void {
    // Those who are lost together are not told about each other's consumers.
    for (const [id, { to }] of this.consumers) if (memberIds.includes(to)) this.consumers.delete(id);
    for (const id of memberIds) this.removeMember(id);
    this.events.moved([...memberIds]);
  }

  #close(memberId: string): void {
    for (const [id, { memberId: owner }] of this.producers) if (owner === memberId) this.closeProducer(id);
    for (const [id, { to }] of this.consumers) if (to === memberId) this.consumers.delete(id);
  }

  #assertOwn(memberId: string, transportId: string): void {
    const pair = this.transports.get(memberId);
    if ([pair?.send.id, pair?.recv.id, this.inlets.get(memberId)].includes(transportId)) return;
    throw new AmphiError('not-found', 'no such transport');
  }
}

function transport(id: string): TransportInfo {
  return {
    id,
    iceParameters: { usernameFragment: 'u', password: 'p', iceLite: true },
    iceCandidates: [],
    dtlsParameters: { role: 'auto', fingerprints: [] },
    sctpParameters: { port: 5000, maxSendMessageSize: 1024, maxReceiveMessageSize: 1024 },
  };
}
