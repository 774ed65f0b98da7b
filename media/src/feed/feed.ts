import type { SenderReport } from '@amphi/rooms';
import type { types } from 'mediasoup';
import { fromWorker, mediaUnavailable } from '../errors.ts';
import type { MediaPlaneOptions } from '../options.ts';
import type { LiveWorker } from '../worker-process.ts';
import { asksForKeyFrame, senderReport } from './rtcp.ts';
import { FeedReceiver, type ReceiverOptions } from './receiver.ts';

type Kind = 'audio' | 'video';

/** How one kind is to reach the receivers of a feed: their codec, with their payload type. */
export type FeedCodec = {
  mimeType: string;
  payloadType: number;
  clockRate: number;
  channels?: number | undefined;
  parameters: Record<string, string | number>;
};

export type FeedOptions = {
  codecs: Partial<Record<Kind, FeedCodec>>;
  /** Somebody has no picture to begin with. */
  onKeyFrameWanted(): void;
  /** All of it is gone: by {@link Feed.close}, or with its worker. */
  onClosed(): void;
};

/** What packets have to bear that are handed to a feed. */
export const FEED_SSRC: Record<Kind, number> = { audio: 1001, video: 2001 };
export const FEED_PAYLOAD_TYPE: Record<Kind, number> = { audio: 100, video: 101 };

type Limits = Pick<MediaPlaneOptions, 'announcedAddresses' | 'initialOutgoingBitrate'>;

/**
 * One picture and one sound on their way to many who are no members of a room's routers: a router of its own, whose payload
 * types are those of its receivers. Consumers of mediasoup send the router's payload types, and a standard player accepts
 * only its own; so receivers that agree share a feed, and others have another.
 */
export class Feed {
  readonly #live: LiveWorker;
  readonly #router: types.Router;
  readonly #input: types.DirectTransport;
  readonly #producers: Partial<Record<Kind, types.Producer>>;
  readonly #limits: Limits;
  readonly #onClosed: () => void;
  readonly #receivers = new Set<FeedReceiver>();
  #closed = false;

  /** Rejects with `media-unavailable`, or `bad-request` for codecs that the worker refuses. */
  static async open(live: LiveWorker, limits: Limits, options: FeedOptions): Promise<Feed> {
    let router: types.Router | undefined;
    try {
      router = await live.worker.createRouter({
        mediaCodecs: kindsOf(options).map((kind) => routerCodec(kind, options)),
      });
      const input = await router.createDirectTransport();
      const producers: Partial<Record<Kind, types.Producer>> = {};
      for (const kind of kindsOf(options)) producers[kind] = await input.produce(producing(kind, options));
      input.on('rtcp', (packet) => {
        if (asksForKeyFrame(packet)) options.onKeyFrameWanted();
      });
      return new Feed(live, router, input, producers, limits, options.onClosed);
    } catch (error) {
      router?.close();
      throw live.worker.closed ? mediaUnavailable() : fromWorker(error, 'These codecs were refused');
    }
  }

  private constructor(
    live: LiveWorker,
    router: types.Router,
    input: types.DirectTransport,
    producers: Partial<Record<Kind, types.Producer>>,
    limits: Limits,
    onClosed: () => void,
  ) {
    this.#live = live;
    this.#router = router;
    this.#input = input;
    this.#producers = producers;
    this.#limits = limits;
    this.#onClosed = onClosed;
    live.routers += 1;
    router.on('workerclose', () => this.close());
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** How many receive it. */
  get size(): number {
    return this.#receivers.size;
  }

  /** Sends an RTP packet with {@link FEED_SSRC} and {@link FEED_PAYLOAD_TYPE} to all receivers. */
  send(kind: Kind, packet: Buffer): void {
    const producer = this.#producers[kind];
    if (producer && !producer.closed) producer.send(packet);
  }

  report(report: SenderReport): void {
    if (!this.#input.closed) this.#input.sendRtcp(senderReport(report));
  }

  /** Makes what one more needs to receive it. Rejects with `media-unavailable`. */
  async receive(options: ReceiverOptions): Promise<FeedReceiver> {
    try {
      const transport = await this.#router.createWebRtcTransport({
        webRtcServer: this.#live.webRtcServer,
        enableUdp: true,
        enableTcp: true,
        preferUdp: true,
        iceConsentTimeout: FeedReceiver.CONSENT_TIMEOUT_S,
        initialAvailableOutgoingBitrate: this.#limits.initialOutgoingBitrate,
      });
      const receiver = await FeedReceiver.open(
        transport,
        this.#producers,
        this.#limits.announcedAddresses,
        options,
        () => {
          if (!this.#receivers.delete(receiver)) return;
          this.#live.consumers -= receiver.tracks.length;
        },
      );
      this.#receivers.add(receiver);
      this.#live.consumers += receiver.tracks.length;
      if (this.#closed) receiver.close();
      return receiver;
    } catch (error) {
      throw this.#closed || this.#router.closed ? mediaUnavailable() : fromWorker(error, 'This cannot be received');
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#live.routers -= 1;
    for (const receiver of [...this.#receivers]) receiver.close();
    this.#router.close();
    this.#onClosed();
  }
}

function kindsOf({ codecs }: FeedOptions): Kind[] {
  return (['audio', 'video'] as const).filter((kind) => codecs[kind] !== undefined);
}

function codecOf(kind: Kind, { codecs }: FeedOptions): FeedCodec {
  return codecs[kind] as FeedCodec;
}

function routerCodec(kind: Kind, options: FeedOptions): types.RouterRtpCodecCapability {
  const { mimeType, payloadType, clockRate, channels, parameters } = codecOf(kind, options);
  return {
    ...{ kind, mimeType, clockRate, parameters, preferredPayloadType: payloadType },
    ...(channels === undefined ? {} : { channels }),
  };
}

function producing(kind: Kind, options: FeedOptions): types.ProducerOptions {
  const { mimeType, clockRate, channels, parameters } = codecOf(kind, options);
  return {
    kind,
    rtpParameters: {
      codecs: [
        {
          ...{ mimeType, clockRate, parameters, payloadType: FEED_PAYLOAD_TYPE[kind] },
          ...(channels === undefined ? {} : { channels }),
          // Nothing is lost on the way in, so nothing is asked for again.
          rtcpFeedback:
            kind === 'video'
              ? [
                  { type: 'nack', parameter: 'pli' },
                  { type: 'ccm', parameter: 'fir' },
                ]
              : [],
        },
      ],
      headerExtensions: [],
      encodings: [{ ssrc: FEED_SSRC[kind] }],
      rtcp: { cname: 'stage' },
    },
  };
}
