import type { ConsumerInfo, MediaSettings, RtpCapabilities, TransportPair } from '@amphi/protocol';
import type { Device } from 'mediasoup-client';
import type { Members } from '../room/members.ts';
import type { Request, Welcome } from '../signaling/signaling.ts';
import type { NetworkCheck } from '../types.ts';
import { loadDevice } from './device.ts';
import { measureDownlink } from './downlink-measure.ts';
import { IceServers } from './ice-servers.ts';
import { NetworkWatch } from './network-watch.ts';
import type { Publication } from './publication.ts';
import { Publications } from './publications.ts';
import { Subscriptions } from './subscriptions.ts';
import { Transports } from './transports.ts';

/** Transports that have nothing to carry yet are connected so long after the others, in milliseconds. */
const WARM_LATER_MS = 200;

export type SfuOptions = {
  request: Request;
  members: Members;
  handlerFactory: unknown;
  /** Whether this person may send anything: else there is nothing to connect the one transport for. */
  sends(): boolean;
  publicationChanged(publication: Publication): void;
  networkChanged(check: NetworkCheck): void;
};

/** All that goes to and comes from the server's SFU. */
export class Sfu {
  readonly publications: Publications;
  readonly subscriptions: Subscriptions;
  readonly iceServers: IceServers;
  settings: MediaSettings | null = null;
  /** What got through to this client at the last look, in bits per second. */
  downlinkBps: number | undefined;

  #options: SfuOptions;
  #device: Device | null = null;
  #capabilities = '';
  #transports: Transports | null = null;
  #network: NetworkWatch | null = null;
  #loading: Promise<void> = Promise.resolve();
  #attachedTo: object | null = null;
  #expiry: ReturnType<typeof setTimeout> | undefined;
  #later: ReturnType<typeof setTimeout> | undefined;
  #measuring = false;
  /** What the server was told of {@link downlinkBps}; null before the session is a member. */
  #told: number | undefined | null = null;

  constructor(options: SfuOptions) {
    this.#options = options;
    this.publications = new Publications({
      request: options.request,
      device: () => this.device,
      settings: () => this.#require(this.settings),
      changed: options.publicationChanged,
    });
    this.iceServers = new IceServers(options.request);
    this.subscriptions = new Subscriptions(options.request, options.members);
  }

  get device(): Device {
    return this.#require(this.#device);
  }

  get transports(): Transports | null {
    return this.#transports;
  }

  get network(): NetworkCheck {
    return this.#network?.check ?? { state: 'unknown' };
  }

  /** What this browser can receive, as the join says it: nothing where it has no WebRTC. */
  recvRtpCapabilities(): RtpCapabilities {
    return (this.#device?.recvRtpCapabilities as RtpCapabilities | undefined) ?? { codecs: [], headerExtensions: [] };
  }

  /** Settles when the device is loaded. */
  get ready(): Promise<void> {
    return this.#loading;
  }

  /** Takes what the server says of itself; loads the device where that is new. */
  welcome(welcome: Welcome): void {
    this.settings = welcome.media;
    const capabilities = JSON.stringify(welcome.rtpCapabilities);
    if (capabilities === this.#capabilities) return;
    this.#capabilities = capabilities;
    this.#loading = this.#load(welcome);
    this.#loading.catch(() => undefined);
  }

  /** Asks for both transports and connects them ahead of the join. Settles when it is known whether media gets through. */
  async warm(): Promise<void> {
    await this.ready;
    if (this.#transports?.send) return this.#network?.known;
    const { request } = this.#options;
    const { transports, relay, expiresInMs } = await request('media.prepare', {});
    // Joined meanwhile: the transports of the join are the ones that count.
    if (this.#transports?.send) return this.#network?.known;
    this.iceServers.take(relay);
    this.#transports?.build(transports);
    this.#network?.start();
    this.#expiry = setTimeout(() => this.#expire(), expiresInMs);
    void this.#transports?.warm(this.#options.sends());
    this.measure();
    return this.#network?.known;
  }

  /** Finds out how thin the way to here is, unless that is known or on its way. The server is told once there is a call. */
  measure(): void {
    if (this.#measuring || this.downlinkBps !== undefined) return;
    this.#measuring = true;
    const found = (bps: number) => {
      this.downlinkBps = bps;
      this.#tell();
    };
    measureDownlink(this.#options.request, found, () => this.#told !== null)
      .catch(() => undefined)
      .finally(() => (this.#measuring = false));
  }

  /** The session is a member; its join said this of {@link downlinkBps}. */
  joined(downlinkBps: number | undefined): void {
    this.#told = downlinkBps;
    this.#tell();
  }

  #tell(): void {
    const { downlinkBps } = this;
    if (this.#told === null || downlinkBps === undefined || downlinkBps === this.#told) return;
    this.#told = downlinkBps;
    this.#options.request('media.measured', { downlinkBps }).catch(() => undefined);
  }

  /** Sends the publications at once where warmed transports stand, without waiting for the answer of the join. */
  startEarly(): void {
    clearTimeout(this.#expiry);
    if (this.#transports?.send) this.#attach();
  }

  /** The answer of a join, or the transports that replace lost ones. Remakes only what is not there yet. */
  enter(pair: TransportPair, consumers: readonly ConsumerInfo[]): void {
    clearTimeout(this.#expiry);
    const transports = this.#require(this.#transports);
    if (!transports.matches(pair)) {
      this.subscriptions.clear();
      transports.build(pair);
      this.#network?.start();
    }
    this.#attach();
    if (transports.recv) this.subscriptions.reset(transports.recv, consumers);
    clearTimeout(this.#later);
    this.#later = setTimeout(() => void transports.warm(this.#options.sends()), WARM_LATER_MS);
  }

  /** The session is over: all that was built on it is void. */
  leave(): void {
    this.#told = null;
    this.withhold();
    this.iceServers.clear();
  }

  /** Does without media, until there are transports again. */
  withhold(): void {
    clearTimeout(this.#expiry);
    clearTimeout(this.#later);
    this.subscriptions.clear();
    this.publications.detach(true);
    this.#attachedTo = null;
    this.#transports?.close();
    this.#network?.pause();
  }

  networkChanged(): void {
    this.#transports?.restartIce();
  }

  /** Forgets the publications: nobody is to get them any more. */
  abandon(): void {
    for (const publication of [...this.publications.bySource.values()]) publication.abandon();
  }

  close(): void {
    this.abandon();
    this.leave();
    this.#network?.close();
  }

  async #load(welcome: Welcome): Promise<void> {
    const { request, handlerFactory, networkChanged } = this.#options;
    this.#device = await loadDevice(welcome.rtpCapabilities, handlerFactory);
    this.#transports?.dispose();
    this.#network?.close();
    this.#transports = new Transports({ request, device: this.#device, iceServers: this.iceServers });
    this.#network = new NetworkWatch(this.#transports, this.#options.sends, networkChanged);
  }

  #attach(): void {
    const send = this.#transports?.send;
    if (!send || this.#attachedTo === send) return;
    this.#attachedTo = send;
    void this.publications.attach(send);
  }

  /** The server closes prepared transports that nobody joined on. While the page is looked at they are made again. */
  #expire(): void {
    this.#transports?.close();
    if (typeof document === 'undefined' || document.visibilityState === 'visible') {
      this.warm().catch(() => undefined);
    }
  }

  #require<T>(value: T | null): T {
    if (value === null) throw new Error('Not connected yet: call connect() and wait for it.');
    return value;
  }
}
