import type { RtpCapabilities } from '@amphi/protocol';
import type { Downlink } from './downlink.ts';
import type { InletLink } from './inlet-link.ts';
import type { MemberLink } from './member-link.ts';
import type { RoomConsumer } from './room-consumer.ts';
import type { RoomProducer } from './room-producer.ts';

/** What one member has in the room's media. */
export class MemberMedia {
  readonly id: string;
  /** Undefined before it is connected, and after its worker was lost. */
  link: MemberLink | InletLink | undefined;
  /** Of the link, where that receives. */
  downlink: Downlink | undefined;
  /** Grows with every attempt at connecting it, so that an overtaken one notices. */
  attempt = 0;
  removed = false;
  capabilities: RtpCapabilities | undefined;
  /** The ids of its producers, those being made included. */
  readonly producerIds = new Set<string>();
  readonly consumers = new Map<string, RoomConsumer>();
  /** By producer id, those being made included: at most one consumer per producer. */
  readonly consuming = new Map<string, { source: RoomProducer; made: Promise<RoomConsumer | undefined> }>();

  constructor(id: string) {
    this.id = id;
  }
}
