import type { DtlsParameters, IceParameters, RtpParameters, TransportInfo } from '@amphi/protocol';
import type { types } from 'mediasoup';
import { fromWorker, ignoreClosed } from '../errors.ts';
import { withAddresses } from '../member-link.ts';

type Kind = 'audio' | 'video';

export type ReceiverOptions = {
  /** The mid under which each kind is received; what has none is not. */
  mids: Partial<Record<Kind, string>>;
  /** RTCP feedback that the receiver sends, by kind; all that there is by default. */
  feedback?: Partial<Record<Kind, RtpParameters['codecs'][number]['rtcpFeedback']>>;
  /** The header extensions that it knows; those of the same id are used. All that there are by default. */
  extensions?: Partial<Record<Kind, { uri: string; id: number }[]>>;
  /** Its connection came or went. */
  onAlive(alive: boolean): void;
  /** It is over and done: by its own close, or with the feed. */
  onClosed(): void;
};

/** What a receiver is sent. */
export type ReceivedTrack = { kind: Kind; mid: string; rtpParameters: RtpParameters };

type Parts = { consumers: types.Consumer[]; tracks: ReceivedTrack[] };

/** One who receives a feed, over a connection of its own. */
export class FeedReceiver {
  /** Seconds without ICE consent checks after which the connection is given up (RFC 7675); the worker takes no less. */
  static readonly CONSENT_TIMEOUT_S = 10;

  readonly tracks: readonly ReceivedTrack[];
  readonly #transport: types.WebRtcTransport;
  readonly #consumers: readonly types.Consumer[];
  readonly #addresses: readonly string[];
  readonly #options: ReceiverOptions;
  readonly #forget: () => void;
  #alive = false;
  #closed = false;

  static async open(
    transport: types.WebRtcTransport,
    producers: Partial<Record<Kind, types.Producer>>,
    addresses: readonly string[],
    options: ReceiverOptions,
    forget: () => void,
  ): Promise<FeedReceiver> {
    const parts: Parts = { consumers: [], tracks: [] };
    try {
      for (const kind of ['audio', 'video'] as const) {
        const producer = producers[kind];
        const mid = options.mids[kind];
        if (!producer || mid === undefined) continue;
        const consumer = await transport.consume({
          ...{ producerId: producer.id, mid, paused: true, enableRtx: true },
          rtpCapabilities: capabilitiesOf(kind, producer, options),
        });
        parts.consumers.push(consumer);
        parts.tracks.push({ kind, mid, rtpParameters: consumer.rtpParameters as RtpParameters });
      }
    } catch (error) {
      transport.close();
      throw error;
    }
    return new FeedReceiver(transport, parts, addresses, options, forget);
  }

  private constructor(
    transport: types.WebRtcTransport,
    { consumers, tracks }: Parts,
    addresses: readonly string[],
    options: ReceiverOptions,
    forget: () => void,
  ) {
    this.#transport = transport;
    this.#consumers = consumers;
    this.tracks = tracks;
    this.#addresses = addresses;
    this.#options = options;
    this.#forget = forget;
    transport.on('icestatechange', () => this.#check());
    transport.on('dtlsstatechange', () => this.#check());
    transport.on('routerclose', () => this.close());
  }

  /** This end of the connection, with the ICE parameters of now. */
  get transport(): Pick<TransportInfo, 'id' | 'iceParameters' | 'iceCandidates' | 'dtlsParameters'> {
    const { id, iceParameters, iceCandidates, dtlsParameters } = this.#transport;
    return {
      ...{ id, iceParameters, iceCandidates: withAddresses(iceCandidates, this.#addresses) },
      dtlsParameters: { ...dtlsParameters, role: 'auto' } as DtlsParameters,
    };
  }

  /** Connects to the other end, and lets those kinds flow. Rejects with `bad-request`. */
  async connect(dtls: DtlsParameters, kinds: readonly Kind[] = ['audio', 'video']): Promise<void> {
    try {
      await this.#transport.connect({ dtlsParameters: dtls as types.DtlsParameters });
    } catch (error) {
      throw fromWorker(error, 'The DTLS parameters were refused');
    }
    await Promise.all(
      this.#consumers.map((consumer) => {
        if (kinds.includes(consumer.kind)) return ignoreClosed(consumer.resume());
        consumer.close();
        return undefined;
      }),
    );
  }

  async restartIce(): Promise<IceParameters> {
    try {
      return await this.#transport.restartIce();
    } catch (error) {
      throw fromWorker(error, 'ICE cannot be restarted');
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#transport.close();
    this.#forget();
    this.#options.onClosed();
  }

  #check(): void {
    if (this.#closed) return;
    const { iceState, dtlsState } = this.#transport;
    if (dtlsState === 'closed' || dtlsState === 'failed') {
      this.close();
      return;
    }
    const alive = iceState === 'connected' || iceState === 'completed';
    if (alive === this.#alive) return;
    this.#alive = alive;
    this.#options.onAlive(alive);
  }
}

/** What the receiver can take, in the words of ORTC: just what is sent, with its own feedback and extensions. */
function capabilitiesOf(kind: Kind, producer: types.Producer, options: ReceiverOptions): types.RtpCapabilities {
  const { codecs, headerExtensions = [] } = producer.consumableRtpParameters;
  const feedback = options.feedback?.[kind];
  const extensions = options.extensions === undefined ? undefined : (options.extensions[kind] ?? []);
  return {
    codecs: codecs
      // An own payload type for RTX can only be the router's; where payload types are the receiver's, lost packets are sent
      // again as they were.
      .filter(({ mimeType }) => extensions === undefined || !mimeType.toLowerCase().endsWith('/rtx'))
      .map(({ mimeType, payloadType, clockRate, channels, parameters, rtcpFeedback }) => ({
        ...{ kind, mimeType, clockRate, preferredPayloadType: payloadType },
        ...(channels === undefined ? {} : { channels }),
        ...(parameters === undefined ? {} : { parameters: parameters as Record<string, string | number> }),
        rtcpFeedback: (feedback ?? rtcpFeedback ?? []) as types.RtcpFeedback[],
      })),
    headerExtensions: (extensions ?? headerExtensions).map(({ uri, id }) => ({
      ...{ kind, uri: uri as types.RtpHeaderExtensionUri, preferredId: id },
      ...{ preferredEncrypt: false, direction: 'sendrecv' as const },
    })),
  };
}
