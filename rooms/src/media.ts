import type {
  ConsumerInfo,
  DtlsParameters,
  IceParameters,
  LeaveReason,
  RtpCapabilities,
  RtpParameters,
  SoundReport,
  Source,
  TransportPair,
} from '@amphi/protocol';

/**
 * What rooms need of the media plane, and no more. `@amphi/media` implements it with mediasoup; tests may do with a fake.
 * Everything is keyed by member id: a session has its member id from the moment it connects, so that transports can be
 * made before the join.
 */
export interface MediaPlane {
  /** The same for all rooms of this server. */
  readonly rtpCapabilities: RtpCapabilities;
  /** Places a room on the least loaded worker. Rejects with `media-unavailable` when no worker runs. */
  createRoom(roomId: string, events: RoomMediaEvents): Promise<RoomMedia>;
  close(): Promise<void>;
}

/** The media of one room. It may span several routers and workers; that is not seen from outside. */
export interface RoomMedia {
  /**
   * Makes the two transports of a member; an earlier pair of the same member is closed.
   */
  createTransports(memberId: string): Promise<TransportPair>;
  /** The pair that the member has, or undefined. */
  transportsOf(memberId: string): TransportPair | undefined;
  /** Repeating it with the same parameters changes nothing. Rejects with `not-found` when it is not this member's transport. */
  connectTransport(memberId: string, transportId: string, dtls: DtlsParameters): Promise<void>;
  restartIce(memberId: string, transportId: string): Promise<IceParameters>;
  /** Says what the member can receive; needed before {@link consume}. */
  setCapabilities(memberId: string, capabilities: RtpCapabilities): void;
  /**
   * Opens a way by which code of this server sends for a member, who then has no transports; what it had before is closed.
   * Rejects with `media-unavailable`.
   * @param onKeyFrameWanted somebody cannot go on without a key frame of what is sent; calls must not throw
   */
  openInlet(memberId: string, onKeyFrameWanted?: () => void): Promise<MediaInlet>;

  /** Rejects with `bad-request` when the worker refuses the parameters. */
  createProducer(memberId: string, options: ProducerOptions): Promise<{ spatialLayers: number }>;
  /** Whether the SFU holds this producer now (after a worker was lost it does not until it is created again). */
  hasProducer(producerId: string): boolean;
  /** The MIME type of what a producer sends, in lower case; undefined when the SFU does not hold it. */
  codecOf(producerId: string): string | undefined;
  /** How a producer's packets arrive now; undefined when the SFU does not hold it. */
  figuresOf(producerId: string): Promise<ProducerFigures | undefined>;
  setProducerPaused(producerId: string, paused: boolean): Promise<void>;
  closeProducer(producerId: string): void;

  /**
   * Makes a paused consumer, or answers undefined when the member cannot receive the producer, has no capabilities or
   * transports yet, or either is gone by now. At most one per member and producer: a second call answers the first one.
   */
  consume(memberId: string, producerId: string): Promise<ConsumerInfo | undefined>;
  /** The consumers that the member has now. */
  consumersOf(memberId: string): ConsumerInfo[];
  /** Starts consumers and asks for key frames (once DTLS is connected). Ids that are not the member's are passed over. */
  startConsumers(memberId: string, consumerIds: readonly string[]): Promise<void>;
  updateConsumers(memberId: string, updates: readonly ConsumerUpdate[]): Promise<void>;
  /** Has the publishers of these consumers asked for key frames, where they are running. */
  requestKeyFrames(memberId: string, consumerIds: readonly string[]): Promise<void>;
  /** What the way to the member carries, in bits per second, by its own measure; null where it is about to say so. */
  expectDownlink(memberId: string, bps: number | null): void;
  /** The member hears its sound in pieces: video may have to make room. */
  soundBroken(memberId: string, report: SoundReport): Promise<void>;

  /**
   * Hands a producer's packets to code of this server. It goes on over a lost worker, and over a producer that is made
   * again with the same id; it ends with {@link MediaTap.close}, or with the room. There may be several of one producer.
   */
  tap(producerId: string, sink: TapSink, options?: TapOptions): MediaTap;
  /** Closes all that the member receives; its transports stay. */
  closeConsumers(memberId: string): void;

  /** Whether either transport of the member has fresh ICE consent (RFC 7675). */
  isAlive(memberId: string): boolean;
  /** Closes all that the member has. */
  removeMember(memberId: string): void;
  close(): void;
}

export type ProducerOptions = {
  transportId: string;
  producerId: string;
  source: Source;
  kind: 'audio' | 'video';
  rtpParameters: RtpParameters;
  paused: boolean;
  /** It is, or may be, received by many who come at once: key frames are asked for seldom. */
  crowded?: boolean;
};

export type ProducerFigures = {
  /** Without the kind, in lower case: `vp8`, `opus`. */
  codec: string;
  /** Of sound, as negotiated. */
  channels: number | null;
  /** Bits per second, all layers together. */
  bitrate: number;
  /** The share of packets that got lost lately, 0 to 1; of all layers the worst. */
  loss: number;
  /** Milliseconds; null before it is known. */
  roundTrip: number | null;
};

export type ConsumerUpdate = {
  id: string;
  paused?: boolean | undefined;
  spatialLayer?: number | undefined;
  temporalLayer?: number | undefined;
  priority?: number | undefined;
};

export type TapOptions = {
  /** Every simulcast layer as a stream of its own SSRC, instead of one stream of the best layer that there is. */
  allLayers?: boolean;
};

/** Receives what a {@link RoomMedia.tap} reads. Calls are made in order and must not throw. */
export interface TapSink {
  /**
   * Packets come from now on. Each call begins anew: SSRCs, sequence numbers and timestamps have nothing to do with those
   * before. `encodings` of the parameters names the SSRCs, from the lowest layer to the highest.
   */
  started(stream: { kind: 'audio' | 'video'; rtpParameters: RtpParameters; paused: boolean }): void;
  /** An RTP packet (RFC 3550). Nothing is lost on the way from the media plane, but late repairs come out of order. */
  rtp(packet: Buffer): void;
  /** When something with this RTP timestamp was captured, by this machine's clock. */
  senderReport(report: TapReport): void;
  /** The publisher muted it, or put it on standby; or sends again. */
  paused(paused: boolean): void;
  /** Nothing comes until {@link started} is called again, if ever. */
  stopped(): void;
}

export type SenderReport = {
  ssrc: number;
  rtpTimestamp: number;
  /** Milliseconds since the epoch, with fractions. */
  capturedAt: number;
};

export type TapReport = SenderReport & {
  /** The same by {@link steadyNow}, which nobody sets, however late the report is read. */
  steadyAt: number;
};

/** What is sent for a member who does not speak WebRTC itself. All calls are void once it is closed. */
export interface MediaInlet {
  /** Where its producers are made: {@link ProducerOptions.transportId}. */
  readonly id: string;
  /** Sends an RTP packet of a producer that was made on it. */
  send(producerId: string, packet: Buffer): void;
  /**
   * Says what is captured now (RFC 3550 section 6.4.1), so that sound and picture stay together: `capturedAt` has to be now,
   * and the producers have to have the same CNAME.
   */
  report(report: SenderReport): void;
  /** Whether whoever is sent for is there, as ICE consent says it of others. Nobody is before it is said. */
  setAlive(alive: boolean): void;
}

export interface MediaTap {
  /** For when something was lost for good. Requests within a short time are put together. */
  requestKeyFrame(): void;
  close(): void;
}

/** What the media plane tells the room. Calls are made in order and must not throw. */
export interface RoomMediaEvents {
  consumerClosed(memberId: string, consumerId: string): void;
  consumerLayers(
    memberId: string,
    consumerId: string,
    current: { spatialLayer: number; temporalLayer?: number } | null,
  ): void;
  /** To the publisher: the highest spatial layer that anybody wants, -1 for none. Already debounced. */
  demand(memberId: string, producerId: string, maxSpatialLayer: number): void;
  /** Levels in dBov, loudest first. */
  speakers(dominantId: string | null, levels: { memberId: string; level: number }[]): void;
  /** ICE consent of the member's transports came or went ({@link RoomMedia.isAlive} changed). */
  alive(memberId: string, alive: boolean): void;
  /** The member sends far more than it was told to, and goes on with it. */
  flooded(memberId: string): void;
  /**
   * A worker was lost and its replacement is ready: transports, producers and consumers of these members are gone.
   * The room makes transports anew and tells the members to move.
   */
  moved(memberIds: string[]): void;
}

/** Why a member was ended, as the media plane and the room see it. */
export type { LeaveReason };
