import type { RtpParameters, Source } from '@amphi/protocol';
import { AmphiError } from '@amphi/protocol';
import type { ProducerOptions, RoomMediaEvents } from '@amphi/rooms';
import type { types } from 'mediasoup';
import { Demand } from './demand.ts';
import { fromWorker } from './errors.ts';
import { MAX_SPATIAL_LAYERS, spatialLayersOf } from './layers.ts';
import type { InletLink } from './inlet-link.ts';
import type { MemberLink } from './member-link.ts';
import type { MemberMedia } from './member-media.ts';
import type { Placement } from './placement.ts';
import type { RoomConsumers } from './room-consumers.ts';
import type { ProducerAppData, RoomProducer } from './room-producer.ts';
import type { RoomTaps } from './tap/taps.ts';

/** Camera, microphone, screen and its sound, and as many again. */
export const MAX_PRODUCERS_PER_MEMBER = 8;

/**
 * The least time between two key frame requests to a publisher. The first goes out at once; those of receivers who lose
 * packets or join within this time share the next one. Longer would be felt on joining, shorter costs every receiver
 * bitrate: a key frame is some ten times as large as another frame.
 */
export const KEY_FRAME_REQUEST_DELAY_MS = 300;
/**
 * As above, before an audience: a hundred viewers may come within a second, and shall cost one key frame, or two. A little
 * less than the second after which the worker at the other end of a pipe takes its request for lost, and repeats it.
 */
export const CROWD_KEY_FRAME_REQUEST_DELAY_MS = 950;

type Emit = (call: (to: RoomMediaEvents) => void) => void;

/** The tracks that the members of a room send. */
export class RoomProducers {
  readonly #emit: Emit;
  readonly #placement: Placement;
  readonly #consumers: RoomConsumers;
  readonly #taps: RoomTaps;
  readonly #producers = new Map<string, RoomProducer>();
  readonly #owners = new Map<string, MemberMedia>();

  constructor(emit: Emit, placement: Placement, consumers: RoomConsumers, taps: RoomTaps) {
    this.#emit = emit;
    this.#placement = placement;
    this.#consumers = consumers;
    this.#taps = taps;
  }

  sources(): Source[] {
    return [...this.#producers.values()].map(({ source }) => source);
  }

  get(producerId: string): RoomProducer | undefined {
    return this.#producers.get(producerId);
  }

  /**
   * Rejects with `bad-request` for parameters that cannot be, `not-found` for a transport that is not this member's,
   * `wrong-state` when the id is taken, the member has too many, or left meanwhile.
   */
  async create(member: MemberMedia, link: MemberLink | InletLink, options: ProducerOptions): Promise<RoomProducer> {
    const { producerId } = options;
    const spatialLayers = check(options);
    const transport = link.sender(options.transportId);
    if (transport === undefined) {
      throw new AmphiError('not-found', 'This is not the transport on which the member sends.', {
        path: 'transportId',
      });
    }
    if (this.#owners.has(producerId)) {
      throw new AmphiError('wrong-state', 'A producer with this id exists; make a new UUID.', { path: 'producerId' });
    }
    if (member.producerIds.size >= MAX_PRODUCERS_PER_MEMBER) {
      throw new AmphiError('wrong-state', `A member may have ${MAX_PRODUCERS_PER_MEMBER} producers; close one first.`);
    }
    this.#owners.set(producerId, member);
    member.producerIds.add(producerId);
    try {
      const producer = await produce(member, transport, options);
      if (member.link !== link || producer.closed) {
        producer.close();
        throw new AmphiError('wrong-state', 'The transport was closed while the producer was being made.');
      }
      return this.#add(member, link, options, producer, spatialLayers);
    } catch (error) {
      this.#owners.delete(producerId);
      member.producerIds.delete(producerId);
      throw error;
    }
  }

  async setPaused(producerId: string, paused: boolean): Promise<void> {
    const entry = this.#producers.get(producerId);
    if (entry === undefined) throw new AmphiError('not-found', 'There is no such producer.', { path: 'producerId' });
    if (entry.paused === paused) return;
    entry.paused = paused;
    try {
      await (paused ? entry.producer.pause() : entry.producer.resume());
    } catch (error) {
      // What it was asked for last is lost with it; a producer made anew is told again.
      throw fromWorker(error, 'The producer cannot be paused or resumed');
    }
  }

  /** `tell`: also tell those who received it, because it is not the publisher's doing. */
  remove(entry: RoomProducer, tell: boolean): void {
    if (this.#producers.get(entry.id) !== entry) return;
    this.#producers.delete(entry.id);
    const owner = this.#owners.get(entry.id);
    this.#owners.delete(entry.id);
    owner?.producerIds.delete(entry.id);
    entry.demand?.close();
    this.#taps.producerGone(entry);
    for (const consumer of [...entry.consumers]) this.#consumers.forget(consumer, tell);
    for (const node of this.#placement.nodes) node.pipes.close(entry);
    entry.producer.close();
  }

  removeAll(member: MemberMedia, tell: boolean): void {
    for (const id of [...member.producerIds]) {
      const entry = this.#producers.get(id);
      if (entry !== undefined) this.remove(entry, tell);
    }
  }

  #add(
    member: MemberMedia,
    link: MemberLink | InletLink,
    options: ProducerOptions,
    producer: types.Producer,
    spatialLayers: number,
  ): RoomProducer {
    const { producerId: id, source } = options;
    const tell = (layer: number): void => this.#emit((to) => to.demand(member.id, id, layer));
    const entry: RoomProducer = {
      id,
      memberId: member.id,
      source,
      spatialLayers,
      node: link.node,
      producer,
      demand: options.kind === 'video' ? new Demand(spatialLayers, tell) : undefined,
      consumers: new Set(),
      paused: options.paused,
    };
    this.#producers.set(id, entry);
    link.watchIncoming();
    // Nobody wants it yet; told in a while if it stays so.
    entry.demand?.changed();
    this.#taps.producerMade(entry);
    if (source === 'microphone') void link.node.watchMicrophone(producer.id);
    return entry;
  }
}

/** Answers how many spatial layers there are; throws `bad-request` for what mediasoup would take although it cannot work. */
function check({ kind, rtpParameters }: ProducerOptions): number {
  const stray = rtpParameters.codecs.find(({ mimeType }) => !mimeType.toLowerCase().startsWith(`${kind}/`));
  if (stray !== undefined) {
    throw new AmphiError('bad-request', `${stray.mimeType} is no codec for ${kind}.`, { path: 'rtpParameters.codecs' });
  }
  if (kind === 'audio') return 1;
  const spatialLayers = spatialLayersOf(rtpParameters);
  if (spatialLayers > MAX_SPATIAL_LAYERS) {
    throw new AmphiError('bad-request', `At most ${MAX_SPATIAL_LAYERS} spatial layers can be sent.`, {
      path: 'rtpParameters.encodings',
    });
  }
  return spatialLayers;
}

/**
 * mediasoup's own id is another one than the client's: workers know producers of many rooms by it, and a client must not be
 * able to take, or find out, an id of another room.
 */
async function produce(
  member: MemberMedia,
  transport: types.Transport,
  options: ProducerOptions,
): Promise<types.Producer> {
  const appData: ProducerAppData = { memberId: member.id, source: options.source };
  try {
    return await transport.produce({
      kind: options.kind,
      rtpParameters: options.rtpParameters satisfies RtpParameters as types.RtpParameters,
      paused: options.paused,
      ...(options.kind === 'video'
        ? { keyFrameRequestDelay: options.crowded ? CROWD_KEY_FRAME_REQUEST_DELAY_MS : KEY_FRAME_REQUEST_DELAY_MS }
        : {}),
      appData,
    });
  } catch (error) {
    throw fromWorker(error, 'The media parameters were refused');
  }
}
