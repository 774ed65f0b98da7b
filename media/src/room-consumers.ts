import type { RoomMediaEvents } from '@amphi/rooms';
import type { types } from 'mediasoup';
import { MemberLink } from './member-link.ts';
import type { MemberMedia } from './member-media.ts';
import { RoomConsumer } from './room-consumer.ts';
import type { RoomProducer } from './room-producer.ts';

/** More than anybody looks at or hears at once; no message can name more, either. */
export const MAX_CONSUMERS_PER_MEMBER = 512;

/** The tracks that the members of a room receive. */
export class RoomConsumers {
  readonly #emit: (call: (to: RoomMediaEvents) => void) => void;
  readonly #receivers = new Map<RoomConsumer, MemberMedia>();

  constructor(emit: (call: (to: RoomMediaEvents) => void) => void) {
    this.#emit = emit;
  }

  /** See RoomMedia.consume: undefined for whatever makes it impossible, the one that exists when asked again. */
  consume(member: MemberMedia, source: RoomProducer): Promise<RoomConsumer | undefined> {
    const known = member.consuming.get(source.id);
    if (known?.source === source) return known.made;
    const made = this.#make(member, source).then((consumer) => {
      // Not to stand in the way of the next attempt.
      if (consumer === undefined) this.#clear(member, source);
      return consumer;
    });
    member.consuming.set(source.id, { source, made });
    return made;
  }

  /** The consumer is gone, or goes with its producer or transport. */
  forget(consumer: RoomConsumer, tell: boolean): void {
    const member = this.#receivers.get(consumer);
    if (member === undefined) return;
    this.#receivers.delete(consumer);
    member.consumers.delete(consumer.id);
    this.#clear(member, consumer.source);
    consumer.node.live.consumers -= 1;
    consumer.forget();
    if (consumer.node !== consumer.source.node) consumer.node.pipes.release(consumer.source);
    if (tell) this.#emit((to) => to.consumerClosed(member.id, consumer.id));
  }

  forgetAll(member: MemberMedia, tell: boolean): void {
    for (const consumer of [...member.consumers.values()]) this.forget(consumer, tell);
    member.consuming.clear();
  }

  #clear(member: MemberMedia, source: RoomProducer): void {
    if (member.consuming.get(source.id)?.source === source) member.consuming.delete(source.id);
  }

  async #make(member: MemberMedia, source: RoomProducer): Promise<RoomConsumer | undefined> {
    const { link, capabilities } = member;
    if (!(link instanceof MemberLink) || capabilities === undefined) return undefined;
    if (member.consumers.size >= MAX_CONSUMERS_PER_MEMBER) return undefined;
    const rtpCapabilities = capabilities as types.RtpCapabilities;
    const { node } = link;
    const piped = node !== source.node;
    try {
      if (piped) await node.pipes.use(source);
    } catch {
      return undefined; // The producer, or one of the workers, is gone.
    }
    try {
      if (node.canConsume(source.producer.id, rtpCapabilities)) {
        const consumer = await link.recv.consume({
          producerId: source.producer.id,
          rtpCapabilities,
          paused: true,
          // Also for audio, where mediasoup's default is no: Opus with NACK.
          enableRtx: true,
        });
        if (member.link === link && !source.producer.closed && !consumer.closed) {
          return this.#add(member, source, new RoomConsumer(member.id, source, node, consumer), consumer);
        }
        consumer.close();
      }
    } catch {
      // As above; or capabilities that mediasoup refuses, with which the member can receive nothing.
    }
    if (piped) node.pipes.release(source);
    return undefined;
  }

  #add(member: MemberMedia, source: RoomProducer, entry: RoomConsumer, consumer: types.Consumer): RoomConsumer {
    this.#receivers.set(entry, member);
    member.consumers.set(entry.id, entry);
    source.consumers.add(entry);
    entry.node.live.consumers += 1;
    consumer.on('layerschange', (layers) =>
      this.#emit((to) => to.consumerLayers(member.id, entry.id, layers === undefined ? null : { ...layers })),
    );
    // Where the closing is the room's own doing it is forgotten by now, and this says nothing.
    consumer.on('producerclose', () => this.forget(entry, true));
    return entry;
  }
}
