import type { RtpCapabilities } from '@amphi/protocol';
import type { Downlink } from './downlink.ts';
import type { MemberLink } from './member-link.ts';
import type { RoomConsumer } from './room-consumer.ts';
import type { RoomProducer } from './room-producer.ts';

/** What one member has in the room's media. */
export class MemberMedia {
  readonly id: string;
  /** Undefined before the transports are made, and after their worker was lost. */
  link: MemberLink | undefined;
  /** Of the link. */
  downlink: Downlink | undefined;
  /** Grows with every attempt at making transports, so that an overtaken one notices. */
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
