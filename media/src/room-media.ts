import type {
  ConsumerInfo,
  DtlsParameters,
  IceParameters,
  RtpCapabilities,
  SoundReport,
  TransportPair,
} from '@amphi/protocol';
import { AmphiError } from '@amphi/protocol';
import type {
  ConsumerUpdate,
  MediaInlet,
  MediaTap,
  ProducerFigures,
  ProducerOptions,
  RoomMedia,
  RoomMediaEvents,
  TapOptions,
  TapSink,
} from '@amphi/rooms';
import type { types } from 'mediasoup';
import { Downlink } from './downlink.ts';
import { mediaUnavailable } from './errors.ts';
import { asksForKeyFrame } from './feed/rtcp.ts';
import { createInlet } from './inlet.ts';
import { InletLink } from './inlet-link.ts';
import { type LinkEvents, MemberLink } from './member-link.ts';
import { MemberMedia } from './member-media.ts';
import type { MediaPlaneOptions } from './options.ts';
import { Placement } from './placement.ts';
import type { RouterNode } from './router-node.ts';
import { RoomConsumers } from './room-consumers.ts';
import { producerFigures } from './producer-figures.ts';
import { RoomProducers } from './room-producers.ts';
import { RoomSpeakers } from './speakers.ts';
import type { Census } from './traffic.ts';
import { RoomTaps } from './tap/taps.ts';
import type { LiveWorker } from './worker-process.ts';

export type RoomMediaOptions = Pick<
  MediaPlaneOptions,
  'announcedAddresses' | 'membersPerRouter' | 'initialOutgoingBitrate' | 'maxIncomingBitrate' | 'onConnected' | 'logger'
> & {
  routerCodecs: types.RouterRtpCodecCapability[];
  pickWorker: (except: ReadonlySet<LiveWorker>) => LiveWorker | undefined;
  onClose: () => void;
};

/** The media of one room over one or more mediasoup routers. */
export class AmphiRoomMedia implements RoomMedia {
  readonly #roomId: string;
  readonly #options: RoomMediaOptions;
  readonly #events: RoomMediaEvents;
  readonly #members = new Map<string, MemberMedia>();
  readonly #speakers: RoomSpeakers;
  readonly #placement: Placement;
  readonly #producers: RoomProducers;
  readonly #consumers: RoomConsumers;
  readonly #taps: RoomTaps;
  /** Members whose worker was lost and who have not been told to move yet. */
  readonly #lost = new Set<MemberMedia>();
  #closed = false;

  constructor(roomId: string, events: RoomMediaEvents, options: RoomMediaOptions) {
    this.#roomId = roomId;
    this.#options = options;
    this.#events = events;
    const emit = this.#emit.bind(this);
    this.#speakers = new RoomSpeakers(({ dominantId, levels }) => emit((to) => to.speakers(dominantId, levels)));
    this.#placement = new Placement({
      codecs: options.routerCodecs,
      membersPerRouter: options.membersPerRouter,
      speakers: this.#speakers,
      pickWorker: options.pickWorker,
    });
    this.#consumers = new RoomConsumers(emit);
    this.#taps = new RoomTaps(options.logger);
    this.#producers = new RoomProducers(emit, this.#placement, this.#consumers, this.#taps);
  }

  /** Makes the home router. Rejects with `media-unavailable`. */
  open(): Promise<void> {
    return this.#placement.prepare();
  }

  async createTransports(memberId: string): Promise<TransportPair> {
    const open = (node: RouterNode, events: LinkEvents) => MemberLink.open(node, this.#options, events);
    const { member, link } = await this.#connect(memberId, open);
    member.downlink = new Downlink(link.recv, member.consumers);
    member.downlink.start();
    return link.info;
  }

  /** Connects a member, in place of how it was connected before. */
  async #connect<L extends MemberLink | InletLink>(
    memberId: string,
    open: (node: RouterNode, events: LinkEvents) => Promise<L>,
  ): Promise<{ member: MemberMedia; link: L }> {
    this.#assertOpen();
    let member = this.#members.get(memberId);
    if (member === undefined) {
      member = new MemberMedia(memberId);
      this.#members.set(memberId, member);
    }
    const attempt = ++member.attempt;
    this.#unlink(member, true);
    const node = await this.#placement.join();
    const overtaken = (): boolean => member.removed || member.attempt !== attempt || node.closed;
    let link: L;
    try {
      if (overtaken()) throw this.#overtaken(node.closed);
      link = await open(node, {
        alive: (alive) => this.#emit((to) => to.alive(memberId, alive)),
        flooded: () => this.#emit((to) => to.flooded(memberId)),
      });
    } catch (error) {
      this.#placement.leave(node);
      throw error instanceof AmphiError ? error : mediaUnavailable();
    }
    if (overtaken()) {
      link.close();
      this.#placement.leave(node);
      throw this.#overtaken(node.closed);
    }
    member.link = link;
    this.#lost.delete(member);
    return { member, link };
  }

  transportsOf(memberId: string): TransportPair | undefined {
    const link = this.#members.get(memberId)?.link;
    return link instanceof MemberLink ? link.info : undefined;
  }

  async connectTransport(memberId: string, transportId: string, dtls: DtlsParameters): Promise<void> {
    await this.#memberLink(memberId).connect(transportId, dtls);
  }

  async restartIce(memberId: string, transportId: string): Promise<IceParameters> {
    return this.#memberLink(memberId).restartIce(transportId);
  }

  setCapabilities(memberId: string, capabilities: RtpCapabilities): void {
    const member = this.#members.get(memberId);
    if (member === undefined) throw new AmphiError('not-found', 'This member has no media.');
    member.capabilities = capabilities;
  }

  async openInlet(memberId: string, onKeyFrameWanted?: () => void): Promise<MediaInlet> {
    const open = (node: RouterNode, events: LinkEvents) => InletLink.open(node, this.#options, events);
    const { link } = await this.#connect(memberId, open);
    if (onKeyFrameWanted) {
      link.transport.on('rtcp', (packet) => {
        if (asksForKeyFrame(packet)) onKeyFrameWanted();
      });
    }
    return createInlet(link, (producerId) => this.#producers.get(producerId)?.producer);
  }

  async createProducer(memberId: string, options: ProducerOptions): Promise<{ spatialLayers: number }> {
    const link = this.#link(memberId);
    const member = this.#members.get(memberId) as MemberMedia;
    return { spatialLayers: (await this.#producers.create(member, link, options)).spatialLayers };
  }

  hasProducer(producerId: string): boolean {
    return this.#producers.get(producerId) !== undefined;
  }

  codecOf(producerId: string): string | undefined {
    return this.#producers.get(producerId)?.producer.rtpParameters.codecs[0]?.mimeType.toLowerCase();
  }

  async figuresOf(producerId: string): Promise<ProducerFigures | undefined> {
    const producer = this.#producers.get(producerId)?.producer;
    return producer && producerFigures(producer);
  }

  setProducerPaused(producerId: string, paused: boolean): Promise<void> {
    return this.#producers.setPaused(producerId, paused);
  }

  closeProducer(producerId: string): void {
    const producer = this.#producers.get(producerId);
    if (producer !== undefined) this.#producers.remove(producer, false);
  }

  async consume(memberId: string, producerId: string): Promise<ConsumerInfo | undefined> {
    const member = this.#members.get(memberId);
    const producer = this.#producers.get(producerId);
    if (member === undefined || producer === undefined) return undefined;
    return (await this.#consumers.consume(member, producer))?.info;
  }

  consumersOf(memberId: string): ConsumerInfo[] {
    return [...(this.#members.get(memberId)?.consumers.values() ?? [])].map((consumer) => consumer.info);
  }

  async startConsumers(memberId: string, consumerIds: readonly string[]): Promise<void> {
    const member = this.#members.get(memberId);
    // The worker takes requests in their order: no track starts before its limits are there.
    member?.downlink?.begin();
    await Promise.all(consumerIds.map((id) => member?.consumers.get(id)?.start()));
  }

  async updateConsumers(memberId: string, updates: readonly ConsumerUpdate[]): Promise<void> {
    const consumers = this.#members.get(memberId)?.consumers;
    await Promise.all(updates.map((update) => consumers?.get(update.id)?.update(update)));
  }

  async requestKeyFrames(memberId: string, consumerIds: readonly string[]): Promise<void> {
    const consumers = this.#members.get(memberId)?.consumers;
    await Promise.all(consumerIds.map((id) => consumers?.get(id)?.requestKeyFrame()));
  }

  expectDownlink(memberId: string, bps: number | null): void {
    this.#members.get(memberId)?.downlink?.expect(bps);
  }

  async soundBroken(memberId: string, report: SoundReport): Promise<void> {
    await this.#members.get(memberId)?.downlink?.soundBroken(report);
  }

  tap(producerId: string, sink: TapSink, options: TapOptions = {}): MediaTap {
    this.#assertOpen();
    return this.#taps.open(producerId, this.#producers.get(producerId), sink, options);
  }

  closeConsumers(memberId: string): void {
    const member = this.#members.get(memberId);
    if (member === undefined) return;
    for (const consumer of member.consumers.values()) consumer.close();
    this.#consumers.forgetAll(member, false);
  }

  /** Asking has a connection that may be dead watched closely; {@link RoomMediaEvents.alive} tells within 8 s. */
  isAlive(memberId: string): boolean {
    return this.#members.get(memberId)?.link?.isAlive() ?? false;
  }

  /** All that the room has of the worker's, to be asked about. */
  census(): Census {
    const members = [...this.#members.values()];
    return {
      roomId: this.#roomId,
      transports: members.flatMap(({ link }) => (link instanceof MemberLink ? [link.send, link.recv] : [])),
      producers: this.#producers.sources(),
      consumers: members.flatMap(({ consumers }) => [...consumers.values()].map(({ source }) => source.source)),
    };
  }

  removeMember(memberId: string): void {
    const member = this.#members.get(memberId);
    if (member === undefined) return;
    this.#members.delete(memberId);
    this.#lost.delete(member);
    member.removed = true;
    this.#unlink(member, false);
    this.#speakers.removeMember(memberId);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const memberId of [...this.#members.keys()]) this.removeMember(memberId);
    this.#taps.close();
    this.#placement.close();
    this.#speakers.close();
    this.#options.onClose();
  }

  /** Forgets what was on the worker. Nothing is said to its members before {@link recover}. */
  workerLost(worker: LiveWorker): void {
    const node = this.#placement.nodes.find(({ live }) => live === worker);
    if (node === undefined) return;
    this.#placement.drop(node);
    for (const member of this.#members.values()) {
      if (member.link?.node !== node) continue;
      // First, so that those who receive from each other on this worker are not told about each consumer.
      this.#consumers.forgetAll(member, false);
      this.#lost.add(member);
    }
    for (const member of this.#lost) if (member.link?.node === node) this.#unlink(member, true);
  }

  /** A worker can take rooms: moves those who lost theirs. Does nothing when nobody did. */
  async recover(): Promise<void> {
    if (this.#lost.size === 0 && this.#placement.nodes.length > 0) return;
    const startedAt = performance.now();
    try {
      await this.#placement.prepare();
    } catch (error) {
      // The next worker that is ready brings it here again.
      this.#options.logger.warn(
        { room: this.#roomId, err: error },
        'A room could not be moved to another media worker.',
      );
      return;
    }
    const memberIds = [...this.#lost].map((member) => member.id);
    this.#lost.clear();
    if (memberIds.length === 0) return;
    const tookMs = Math.round(performance.now() - startedAt);
    this.#options.logger.info({ room: this.#roomId, members: memberIds.length, tookMs }, 'A room has a new router.');
    this.#emit((to) => to.moved(memberIds));
  }

  /** Closes the member's transports, and so its producers and consumers. `tell`: say which consumers are gone. */
  #unlink(member: MemberMedia, tell: boolean): void {
    this.#producers.removeAll(member, tell);
    this.#consumers.forgetAll(member, tell);
    const { link } = member;
    if (link === undefined) return;
    member.link = undefined;
    member.downlink = undefined;
    link.close();
    this.#placement.leave(link.node);
  }

  #memberLink(memberId: string): MemberLink {
    const link = this.#link(memberId);
    if (link instanceof MemberLink) return link;
    throw new AmphiError('not-found', 'This member has no transports.');
  }

  #link(memberId: string): MemberLink | InletLink {
    this.#assertOpen();
    const member = this.#members.get(memberId);
    if (member === undefined) throw new AmphiError('not-found', 'This member has no media.');
    if (member.link !== undefined) return member.link;
    throw this.#lost.has(member) ? mediaUnavailable() : new AmphiError('not-found', 'This member has no transports.');
  }

  #assertOpen(): void {
    if (this.#closed) throw new AmphiError('wrong-state', 'The room is closed.');
  }

  #overtaken(workerGone: boolean): AmphiError {
    return workerGone && !this.#closed
      ? mediaUnavailable()
      : new AmphiError('wrong-state', 'The member left, or asked for transports again, while they were being made.');
  }

  #emit(call: (to: RoomMediaEvents) => void): void {
    if (this.#closed) return;
    try {
      call(this.#events);
    } catch (error) {
      this.#options.logger.error({ room: this.#roomId, err: error }, 'The room failed on an event of its media.');
    }
  }
}
