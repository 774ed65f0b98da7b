import {
  AmphiError,
  type ConsumerInfo,
  type CoreMethods,
  type ParsedInputOf,
  type ProducerInfo,
  PUBLISH_PERMISSION,
  type RtpCapabilities,
  type Source,
  type TransportPair,
} from '@amphi/protocol';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { RoomMedia } from './media.ts';
import type { CoreEvent, Member } from './member.ts';

/** Enough for everything at once with a change of devices in between. */
const MAX_PRODUCERS = 8;

/** When the worker that took a room is lost as well, moving is tried again so often, so long apart. */
const MOVE_ATTEMPTS = 20;
const MOVE_RETRY_MS = 500;

/** How long transports made by `media.prepare` wait for a join. */
export const WARM_MS = 120_000;

export type TracksOptions = {
  media: RoomMedia;
  clock: Clock;
  logger: Logger;
  members(): Iterable<Member>;
  member(id: string): Member | undefined;
  /** A member, or somebody connected who has not joined. */
  person(id: string): Member | undefined;
  /** Whether there is an audience. */
  crowded(): boolean;
  /** Tells those who see the member, but not itself. */
  tellAbout(memberId: string, event: CoreEvent): void;
};

type Producer = { info: ProducerInfo; standby: boolean };

/**
 * Who sends what in a room, and who receives it. The list of producers is kept here and outlives a lost worker; the media
 * plane only carries them.
 */
export class Tracks {
  readonly #options: TracksOptions;
  readonly #media: RoomMedia;
  /** By member, then by producer id. */
  readonly #producers = new Map<string, Map<string, Producer>>();
  /** Consumers that each member has been told of: consumer id to producer id. */
  readonly #announced = new Map<string, Map<string, string>>();
  /** Cancels the timer of transports that were made ahead of a join. */
  readonly #warm = new Map<string, () => void>();
  /** Members who receive nothing for now. */
  readonly #dark = new Set<string>();
  /** What each member can receive. */
  readonly #capabilities = new Map<string, RtpCapabilities>();

  constructor(options: TracksOptions) {
    this.#options = options;
    this.#media = options.media;
  }

  of(memberId: string): ProducerInfo[] {
    return [...(this.#producers.get(memberId)?.values() ?? [])].map((producer) => producer.info);
  }

  /** Makes the transports of somebody who has not joined; they are closed after {@link WARM_MS} without a join. */
  async prepare(id: string): Promise<TransportPair> {
    this.#warm.get(id)?.();
    const transports = await this.#media.createTransports(id);
    const cancel = this.#options.clock.after(WARM_MS, () => {
      this.#warm.delete(id);
      this.#media.removeMember(id);
    });
    this.#warm.set(id, cancel);
    return transports;
  }

  /**
   * Makes all that somebody who joins needs: transports, and a paused consumer for each track where it `receives`; nothing
   * where it has no `media`.
   */
  async admit(
    id: string,
    capabilities: RtpCapabilities,
    { receives = true, media = true }: { receives?: boolean; media?: boolean } = {},
  ): Promise<TransportPair | undefined> {
    this.#warm.get(id)?.();
    this.#warm.delete(id);
    this.#capabilities.set(id, capabilities);
    if (!media) {
      this.withhold(id);
      return undefined;
    }
    const transports = this.#media.transportsOf(id) ?? (await this.#media.createTransports(id));
    this.#media.setCapabilities(id, capabilities);
    if (receives) this.#dark.delete(id);
    else this.#dark.add(id);
    await this.#consumeAll(id);
    return transports;
  }

  /** Takes all media from a member: it gets transports again when it receives again. */
  withhold(id: string): void {
    this.#dark.add(id);
    this.#announced.delete(id);
    this.#media.removeMember(id);
  }

  /** Whether the member is given the tracks of the others. */
  receives(id: string): boolean {
    return !this.#dark.has(id);
  }

  /** Gives a member all tracks from now on, or takes them away. Resolves when they are there; nothing of it is announced. */
  async setReceives(id: string, receives: boolean): Promise<void> {
    if (receives === this.receives(id)) return;
    if (receives) {
      this.#dark.delete(id);
      await this.#equip(id);
      await this.#consumeAll(id);
      return;
    }
    this.#dark.add(id);
    this.#announced.delete(id);
    this.#media.closeConsumers(id);
  }

  /** After the join was completed: tracks that came up during it. */
  catchUp(id: string): void {
    for (const [ownerId, producerId] of this.#receivable(id)) this.#offer(id, ownerId, producerId);
  }

  /** All that the member receives, for an event or answer that lists it; nothing in it is announced again. */
  announce(id: string): ConsumerInfo[] {
    const consumers = this.#media
      .consumersOf(id)
      .filter((consumer) => this.#find(consumer.memberId, consumer.producerId));
    this.#announced.set(id, new Map(consumers.map((consumer) => [consumer.id, consumer.producerId])));
    return consumers;
  }

  async create(memberId: string, input: ParsedInputOf<CoreMethods, 'producer.create'>): Promise<void> {
    const { producerId, source, kind, muted, width, height } = input;
    const again = this.#find(memberId, producerId);
    if (again ? this.#media.hasProducer(producerId) : this.#isTaken(producerId)) {
      throw new AmphiError('wrong-state', 'there is a producer with this id already', { path: 'producerId' });
    }
    if (!again && (this.#producers.get(memberId)?.size ?? 0) >= MAX_PRODUCERS) {
      throw new AmphiError('wrong-state', `a member sends at most ${MAX_PRODUCERS} tracks`);
    }
    const { transportId, rtpParameters } = input;
    const crowded = this.#options.crowded();
    const options = { transportId, producerId, source, kind, rtpParameters, paused: muted, crowded };
    const { spatialLayers } = await this.#media.createProducer(memberId, options);
    const member = this.#options.member(memberId);
    if (!member) throw new AmphiError('session-ended', 'the session ended meanwhile');
    if (!member.may(PUBLISH_PERMISSION[source])) {
      this.#media.closeProducer(producerId);
      throw new AmphiError('forbidden', 'the right to send this was taken away meanwhile');
    }

    const info: ProducerInfo = { id: producerId, source, kind, muted, width, height, spatialLayers };
    const own = this.#producers.get(memberId) ?? new Map<string, Producer>();
    own.set(producerId, { info, standby: false });
    this.#producers.set(memberId, own);
    const name = again ? 'producer.updated' : 'producer.added';
    this.#options.tellAbout(memberId, { name, data: { memberId, producer: info } });
    for (const { id } of this.#options.members()) {
      if (id !== memberId && this.receives(id)) this.#offer(id, memberId, producerId);
    }
  }

  async update(memberId: string, input: ParsedInputOf<CoreMethods, 'producer.update'>): Promise<void> {
    const producer = this.#own(memberId, input.producerId);
    const { muted, width, height } = { ...producer.info, ...defined(input) };
    const changed = { ...producer.info, muted, width, height };
    const isSeen = (['muted', 'width', 'height'] as const).some((key) => changed[key] !== producer.info[key]);
    producer.info = changed;
    producer.standby = input.standby ?? producer.standby;
    if (isSeen) {
      this.#options.tellAbout(memberId, { name: 'producer.updated', data: { memberId, producer: changed } });
    }
    if (this.#media.hasProducer(input.producerId)) {
      await this.#media.setProducerPaused(input.producerId, producer.info.muted || producer.standby);
    }
  }

  /**
   * Mutes what somebody sends of these sources; a shared screen ends. Answers the sources of which there was something.
   */
  async silence(memberId: string, sources: readonly Source[]): Promise<Source[]> {
    const concerned = this.of(memberId).filter(({ source, muted }) => sources.includes(source) && !muted);
    for (const { id, source } of concerned) {
      if (source === 'microphone' || source === 'camera') {
        await this.update(memberId, { producerId: id, muted: true });
      } else {
        const removed: CoreEvent = { name: 'producer.removed', data: { memberId, producerId: id } };
        this.#options.member(memberId)?.deliver(removed);
        this.close(memberId, id);
      }
    }
    return concerned.map(({ source }) => source);
  }

  close(memberId: string, producerId: string): void {
    this.#own(memberId, producerId);
    this.#producers.get(memberId)?.delete(producerId);
    this.#forgetConsumersOf(producerId);
    this.#options.tellAbout(memberId, { name: 'producer.removed', data: { memberId, producerId } });
    this.#media.closeProducer(producerId);
  }

  /** Closes all that somebody sends and receives. `member.left` tells the others, so nothing else does. */
  remove(id: string): void {
    this.#warm.get(id)?.();
    this.#warm.delete(id);
    for (const producerId of this.#producers.get(id)?.keys() ?? []) this.#forgetConsumersOf(producerId);
    this.#producers.delete(id);
    this.#announced.delete(id);
    this.#dark.delete(id);
    this.#capabilities.delete(id);
    this.#media.removeMember(id);
  }

  /** The media plane closed a consumer. */
  consumerClosed(memberId: string, consumerId: string): void {
    if (!this.#announced.get(memberId)?.delete(consumerId)) return;
    this.#options.member(memberId)?.deliver({ name: 'consumer.closed', data: { consumerId } });
  }

  /** A worker was lost: makes transports and consumers anew for those it served, and tells them to move. */
  async moved(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#move(id, MOVE_ATTEMPTS)));
  }

  async #move(id: string, attempts: number): Promise<void> {
    const { clock, logger, member, person } = this.#options;
    if (!person(id)) return;
    try {
      const transports = await this.#media.createTransports(id);
      if (member(id)) await this.#consumeAll(id);
      person(id)?.deliver({ name: 'media.moved', data: { transports, consumers: this.announce(id) } });
    } catch (error) {
      // Somebody else made transports for it meanwhile, and will say so.
      if (error instanceof AmphiError && error.code === 'wrong-state') return;
      if (attempts > 1) {
        clock.after(MOVE_RETRY_MS, () => void this.#move(id, attempts - 1));
        return;
      }
      logger.error({ err: error, memberId: id }, 'a member could not be moved to another worker');
      person(id)?.end('lost');
    }
  }

  /** Makes the transports of a member from whom they were withheld. */
  async #equip(id: string): Promise<void> {
    const capabilities = this.#capabilities.get(id);
    if (!capabilities || this.#media.transportsOf(id)) return;
    await this.#media.createTransports(id);
    this.#media.setCapabilities(id, capabilities);
  }

  async #consumeAll(id: string): Promise<void> {
    await Promise.all(this.#receivable(id).map(([, producerId]) => this.#media.consume(id, producerId)));
  }

  /** Owner and producer id of all that this member could receive now. */
  #receivable(id: string): [ownerId: string, producerId: string][] {
    if (!this.receives(id)) return [];
    return [...this.#producers]
      .filter(([ownerId]) => ownerId !== id)
      .flatMap(([ownerId, producers]) => [...producers.keys()].map((key): [string, string] => [ownerId, key]))
      .filter(([, producerId]) => this.#media.hasProducer(producerId));
  }

  /** Makes a consumer and tells the member of it, unless either end is gone by then. */
  #offer(memberId: string, ownerId: string, producerId: string): void {
    this.#media.consume(memberId, producerId).then(
      (consumer) => {
        const member = this.#options.member(memberId);
        if (!consumer || !member || !this.receives(memberId) || !this.#find(ownerId, producerId)) return;
        const announced = this.#announced.get(memberId) ?? new Map<string, string>();
        if (announced.has(consumer.id)) return;
        this.#announced.set(memberId, announced.set(consumer.id, producerId));
        member.deliver({ name: 'consumer.created', data: { consumer } });
      },
      (error: unknown) => {
        this.#options.logger.error({ err: error, memberId, producerId }, 'a member could not be given a track');
      },
    );
  }

  #find(memberId: string, producerId: string): Producer | undefined {
    return this.#producers.get(memberId)?.get(producerId);
  }

  #own(memberId: string, producerId: string): Producer {
    const producer = this.#find(memberId, producerId);
    if (!producer) throw new AmphiError('not-found', 'no such producer of this session', { path: 'producerId' });
    return producer;
  }

  #isTaken(producerId: string): boolean {
    return [...this.#producers.values()].some((own) => own.has(producerId)) || this.#media.hasProducer(producerId);
  }

  #forgetConsumersOf(producerId: string): void {
    for (const announced of this.#announced.values()) {
      for (const [consumerId, of] of announced) if (of === producerId) announced.delete(consumerId);
    }
  }
}

/** Without the keys that are undefined, so that they do not overwrite when spread. */
function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Partial<T>;
}
