import type { Source } from '@amphi/protocol';
import type { types } from 'mediasoup';
import type { Demand } from './demand.ts';
import type { RoomConsumer } from './room-consumer.ts';
import type { RouterNode } from './router-node.ts';

/** What mediasoup carries along with a producer, pipes included. */
export type ProducerAppData = { memberId: string; source: Source };

/** A track that a member sends, on the router where its transport is. */
export type RoomProducer = {
  /** The client's, unique in the room; `producer.id` is mediasoup's. */
  readonly id: string;
  readonly memberId: string;
  readonly source: Source;
  readonly spatialLayers: number;
  readonly node: RouterNode;
  readonly producer: types.Producer;
  /** Video only: audio has no layers. */
  readonly demand: Demand | undefined;
  /** On whichever router. */
  readonly consumers: Set<RoomConsumer>;
  paused: boolean;
};
