import type { DtlsParameters, IceParameters, TransportInfo, TransportPair } from '@amphi/protocol';
import { AmphiError } from '@amphi/protocol';
import type { types } from 'mediasoup';
import { fromWorker, ignoreClosed } from './errors.ts';
import { IncomingWatch } from './incoming-watch.ts';
import type { MediaPlaneOptions } from './options.ts';
import type { RouterNode } from './router-node.ts';
import { SilenceWatch } from './silence-watch.ts';

/**
 * Seconds without ICE consent checks after which a transport is given up (RFC 7675). The worker takes nothing below 10;
 * where it matters sooner, {@link SilenceWatch} looks closer.
 */
const ICE_CONSENT_TIMEOUT_S = 10;
/** SCTP is only there so that ICE and DTLS can be brought up before there is any media: nothing is ever sent over it. */
const TINY_SCTP = {
  enableSctp: true,
  maxSendMessageSize: 1024,
  maxReceiveMessageSize: 1024,
  sctpSendBufferSize: 8192,
  sctpPerStreamSendQueueLimit: 8192,
  sctpMaxReceiverWindowBufferSize: 8192,
} as const;

type LinkOptions = Pick<
  MediaPlaneOptions,
  'announcedAddresses' | 'initialOutgoingBitrate' | 'maxIncomingBitrate' | 'onConnected'
>;

export type LinkEvents = {
  /** ICE consent came or went. */
  alive(alive: boolean): void;
  /** The member sends far more than it may. */
  flooded(): void;
};

/** The two transports of a member. Void once closed; a member who moves gets a new one. */
export class MemberLink {
  readonly node: RouterNode;
  readonly send: types.WebRtcTransport;
  readonly recv: types.WebRtcTransport;
  readonly #infos: TransportPair;
  readonly #connects = new Map<string, { fingerprints: string; done: Promise<void> }>();
  readonly #events: LinkEvents;
  readonly #watch: SilenceWatch;
  readonly #incoming: IncomingWatch;
  #alive = false;
  #closed = false;

  /** Rejects with `media-unavailable` when the worker is gone. */
  static async open(node: RouterNode, options: LinkOptions, events: LinkEvents): Promise<MemberLink> {
    const router = await node.ready;
    const open = (): Promise<types.WebRtcTransport> =>
      router.createWebRtcTransport({
        webRtcServer: node.live.webRtcServer,
        enableUdp: true,
        enableTcp: true,
        preferUdp: true,
        iceConsentTimeout: ICE_CONSENT_TIMEOUT_S,
        initialAvailableOutgoingBitrate: options.initialOutgoingBitrate,
        ...TINY_SCTP,
      });
    const [send, recv] = await Promise.all([open(), open()]);
    void ignoreClosed(send.setMaxIncomingBitrate(options.maxIncomingBitrate));
    const { onConnected } = options;
    const madeAt = performance.now();
    for (const transport of onConnected ? [send, recv] : []) {
      transport.on('dtlsstatechange', (state) => {
        const { protocol } = transport.iceSelectedTuple ?? {};
        if (state === 'connected' && protocol) onConnected?.(protocol, performance.now() - madeAt);
      });
    }
    return new MemberLink(node, send, recv, options, events);
  }

  private constructor(
    node: RouterNode,
    send: types.WebRtcTransport,
    recv: types.WebRtcTransport,
    { announcedAddresses: addresses, maxIncomingBitrate }: LinkOptions,
    events: LinkEvents,
  ) {
    this.node = node;
    this.send = send;
    this.recv = recv;
    this.#events = events;
    this.#incoming = new IncomingWatch(send, maxIncomingBitrate, () => events.flooded());
    this.#infos = { send: describe(send, addresses), recv: describe(recv, addresses) };
    this.#watch = new SilenceWatch([send, recv], () => this.#check());
    for (const transport of [send, recv]) {
      transport.on('icestatechange', (state) => {
        if (state === 'connected' || state === 'completed') this.#watch.heard();
        this.#check();
      });
      transport.on('dtlsstatechange', () => this.#check());
    }
  }

  /** What the client needs to build its ends; with the ICE parameters of now. */
  get info(): TransportPair {
    return {
      send: { ...this.#infos.send, iceParameters: this.send.iceParameters },
      recv: { ...this.#infos.recv, iceParameters: this.recv.iceParameters },
    };
  }

  /** Whether media or consent checks come in. Asking also has the link looked at more closely for a while. */
  isAlive(): boolean {
    if (!this.#closed) this.#watch.start();
    return this.#alive;
  }

  /** The member sends from now on: looks at how much. */
  watchIncoming(): void {
    if (!this.#closed) this.#incoming.start();
  }

  /** The transport with this id, where it is one on which the member sends. */
  sender(id: string): types.WebRtcTransport | undefined {
    return id === this.send.id ? this.send : undefined;
  }

  /** Throws `not-found` when it is neither transport, `wrong-state` when it was connected with other fingerprints. */
  async connect(transportId: string, dtls: DtlsParameters): Promise<void> {
    const transport = this.#transport(transportId);
    const fingerprints = dtls.fingerprints
      .map(({ algorithm, value }) => `${algorithm} ${value.toLowerCase()}`)
      .toSorted()
      .join(',');
    const known = this.#connects.get(transportId);
    if (known !== undefined) {
      if (known.fingerprints === fingerprints) return known.done;
      throw new AmphiError('wrong-state', 'The transport is already connected with another certificate.');
    }
    const done = transport.connect({ dtlsParameters: dtls as types.DtlsParameters }).catch((error: unknown) => {
      // The next attempt may come with better parameters.
      this.#connects.delete(transportId);
      throw fromWorker(error, 'The DTLS parameters were refused');
    });
    this.#connects.set(transportId, { fingerprints, done });
    return done;
  }

  async restartIce(transportId: string): Promise<IceParameters> {
    try {
      return await this.#transport(transportId).restartIce();
    } catch (error) {
      throw fromWorker(error, 'ICE cannot be restarted');
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.stop();
    this.#incoming.stop();
    this.send.close();
    this.recv.close();
  }

  #transport(id: string): types.WebRtcTransport {
    if (id === this.send.id) return this.send;
    if (id === this.recv.id) return this.recv;
    throw new AmphiError('not-found', 'This member has no such transport.');
  }

  #check(): void {
    if (this.#closed) return;
    // A page that is closed, not killed, ends DTLS with an alert.
    const connected = [this.send, this.recv].some(
      ({ iceState, dtlsState }) =>
        (iceState === 'connected' || iceState === 'completed') && dtlsState !== 'closed' && dtlsState !== 'failed',
    );
    const alive = connected && !this.#watch.silent;
    if (alive === this.#alive) return;
    this.#alive = alive;
    this.#events.alive(alive);
  }
}

function describe(transport: types.WebRtcTransport, addresses: readonly string[]): TransportInfo {
  return {
    id: transport.id,
    iceParameters: transport.iceParameters,
    iceCandidates: withAddresses(transport.iceCandidates, addresses),
    // Asked again after the connection is up, the role would be the one that was agreed on.
    dtlsParameters: { ...transport.dtlsParameters, role: 'auto' } as DtlsParameters,
    sctpParameters: sctpOf(transport),
  };
}

/** Of mediasoup's parameters, which it needs itself, those that the other end needs. */
function sctpOf({ sctpParameters }: types.WebRtcTransport): TransportInfo['sctpParameters'] {
  if (!sctpParameters) throw new Error('the transport was made without SCTP');
  const { port, maxSendMessageSize, maxReceiveMessageSize, OS, MIS, maxMessageSize } = sctpParameters;
  return { port, maxSendMessageSize, maxReceiveMessageSize, OS, MIS, maxMessageSize };
}

/**
 * The worker announces one address per socket. All further addresses of this host lead to the same sockets, and an
 * ICE-lite server never starts a check, so that more candidates are only a matter of telling them: each a step (one local
 * preference, RFC 8445 section 5.1.2.1) below the one before.
 */
export function withAddresses(
  candidates: TransportInfo['iceCandidates'],
  addresses: readonly string[],
): TransportInfo['iceCandidates'] {
  const more = addresses.slice(1).flatMap((address, index) =>
    candidates.map((candidate) => ({
      ...candidate,
      foundation: `${candidate.foundation}${index + 2}`,
      priority: candidate.priority - 256 * (index + 1),
      address,
      ip: address,
    })),
  );
  return [...candidates, ...more];
}
