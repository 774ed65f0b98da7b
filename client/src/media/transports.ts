import type { RtpParameters, TransportInfo, TransportPair } from '@amphi/protocol';
import type { Device, types } from 'mediasoup-client';
import { createEmitter, type Emitter } from '../emitter.ts';
import type { Request } from '../signaling/signaling.ts';
import { IceRestarter } from './ice-restarter.ts';
import type { IceServers } from './ice-servers.ts';

export type Direction = 'send' | 'recv';

/** What a producer's `appData` holds: whom to tell the RTP parameters of a track that is about to be sent. */
export type Announcer = { id: string; announce(transportId: string, rtpParameters: RtpParameters): void };

export type TransportsEvents = { state: [direction: Direction, state: types.ConnectionState] };

export type TransportsOptions = {
  request: Request;
  device: Device;
  iceServers: IceServers;
};

/** The pair of transports to and from the SFU. Built anew when the server moved the room's media. */
export class Transports {
  readonly events: Emitter<TransportsEvents> = createEmitter();
  #options: TransportsOptions;
  #pair: { send: types.Transport; recv: types.Transport } | null = null;
  #restarters: Record<Direction, IceRestarter> | null = null;
  #unwatch: () => void;
  #warmed = new WeakSet<types.Transport>();

  constructor(options: TransportsOptions) {
    this.#options = options;
    this.#unwatch = options.iceServers.events.on('changed', (iceServers) => {
      for (const transport of Object.values(this.#pair ?? {})) {
        // For the next restart of ICE; what is connected stays so. Closed meanwhile is no matter.
        transport.updateIceServers({ iceServers: iceServers as RTCIceServer[] }).catch(() => undefined);
      }
    });
  }

  get send(): types.Transport | null {
    return this.#pair?.send ?? null;
  }

  get recv(): types.Transport | null {
    return this.#pair?.recv ?? null;
  }

  /** Whether these are the transports that stand already. */
  matches(pair: TransportPair): boolean {
    return this.#pair?.send.id === pair.send.id && this.#pair.recv.id === pair.recv.id;
  }

  /** Builds both ends; closes the old ones with all that is on them. */
  build(pair: TransportPair): void {
    this.close();
    const { device, request, iceServers } = this.#options;
    const fresh = () => iceServers.fresh();
    const send = device.createSendTransport(this.#transportOptions(pair.send));
    const recv = device.createRecvTransport(this.#transportOptions(pair.recv));
    this.#pair = { send, recv };
    this.#restarters = {
      send: new IceRestarter(send, request, fresh),
      recv: new IceRestarter(recv, request, fresh),
    };
    for (const [direction, transport] of Object.entries(this.#pair) as [Direction, types.Transport][]) {
      transport.on('connect', ({ dtlsParameters }, done) => {
        // Not waited for: the socket keeps the order, and the answer holds nothing that is needed here.
        request('transport.connect', { transportId: transport.id, dtlsParameters }).catch(() => undefined);
        done();
      });
      transport.on('connectionstatechange', (state) => {
        this.#restarters?.[direction].onState(state);
        this.events.emit('state', direction, state);
      });
    }
    send.on('produce', ({ rtpParameters, appData }, done) => {
      const announcer = appData as Announcer;
      announcer.announce(send.id, rtpParameters as RtpParameters);
      done({ id: announcer.id });
    });
    send.on('producedata', (_parameters, done) => done({ id: 'warm' }));
  }

  /**
   * Runs ICE and DTLS without media, by opening a data channel on each transport that has not been used yet, the sending
   * one where anything may be sent. The server needs no part in it beyond having SCTP enabled.
   */
  async warm(sends: boolean): Promise<void> {
    const pair = this.#pair;
    if (!pair) return;
    const wanted = sends ? [pair.send, pair.recv] : [pair.recv];
    const fresh = wanted.filter((transport) => !this.#warmed.has(transport));
    for (const transport of fresh) this.#warmed.add(transport);
    await Promise.all(
      fresh.map((transport) =>
        transport === pair.send
          ? transport.produceData({ ordered: false, maxRetransmits: 0, label: 'warm' })
          : transport.consumeData({
              id: 'warm',
              dataProducerId: 'warm',
              sctpStreamParameters: { streamId: 0 },
              label: 'warm',
            }),
      ),
      // Closed meanwhile, or not possible here: media brings the transport up just as well, only later.
    ).catch(() => undefined);
  }

  /** Restarts ICE on both, because the network changed. */
  restartIce(): void {
    this.#restarters?.send.restart();
    this.#restarters?.recv.restart();
  }

  close(): void {
    this.#restarters?.send.close();
    this.#restarters?.recv.close();
    this.#pair?.send.close();
    this.#pair?.recv.close();
    this.#pair = null;
    this.#restarters = null;
  }

  /** Closes them for good: no others are built here. */
  dispose(): void {
    this.close();
    this.#unwatch();
  }

  #transportOptions(info: TransportInfo): types.TransportOptions {
    return { ...(info as types.TransportOptions), iceServers: this.#options.iceServers.current as RTCIceServer[] };
  }
}
