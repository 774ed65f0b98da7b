import type { IceServer, TransportInfo } from '@amphi/protocol';
import type { Device, types } from 'mediasoup-client';
import { loadDevice } from '../media/device.ts';
import { type Request, Signaling } from '../signaling/signaling.ts';
import { asReport, selectedPair } from '../stats/report.ts';

/** Where the SFU can be reached, as the server tells browsers. */
export type Candidate = { protocol: 'udp' | 'tcp'; address: string; port: number };

export type PathResult = { ok: true; tookMs: number; rttMs: number | null } | { ok: false };

/** A session that tries one way to the media server at a time. It is nobody in the room, and nobody hears of it. */
export interface Probe {
  /** Over the socket, in milliseconds. */
  readonly signalingRttMs: number;
  readonly candidates: readonly Candidate[];
  readonly iceServers: readonly IceServer[];
  /** Connects to the SFU over this protocol and nothing else. Once for each, at the same time if wanted. */
  direct(protocol: 'udp' | 'tcp'): Promise<PathResult>;
  close(): void;
}

const PATH_WITHIN_MS = 6000;

export type ProbeOptions = {
  room: string;
  hostKey?: string;
  server?: string;
  /** To reach the SFU by a relay only: then there is one way, and `direct('udp')` tries that. */
  relayOnly?: boolean;
};

/** Rejects with an AmphiError when the server refuses or is not reached. */
export async function openProbe({ relayOnly = false, ...where }: ProbeOptions): Promise<Probe> {
  const signaling = new Signaling(where);
  try {
    const welcome = await signaling.open();
    const device = await loadDevice(welcome.rtpCapabilities, undefined);
    const since = performance.now();
    await signaling.request('session.ping', {});
    const signalingRttMs = Math.round(performance.now() - since);
    const { transports, relay } = await signaling.request('media.prepare', {});
    const paths = { udp: transports.send, tcp: transports.recv };
    return {
      signalingRttMs,
      candidates: transports.send.iceCandidates.map(({ protocol, address, ip, port }) => ({
        protocol,
        address: address ?? ip ?? '',
        port,
      })),
      iceServers: relay.iceServers,
      direct: (protocol) =>
        tryPath(device, signaling.request, paths[protocol], {
          isSend: protocol === 'udp',
          use: (candidate) => relayOnly || candidate.protocol === protocol,
          iceServers: relayOnly ? relay.iceServers : [],
          relayOnly,
        }),
      close: () => signaling.close(),
    };
  } catch (error) {
    signaling.close();
    throw error;
  }
}

type PathOptions = {
  isSend: boolean;
  use(candidate: TransportInfo['iceCandidates'][number]): boolean;
  iceServers: readonly IceServer[];
  relayOnly: boolean;
};

async function tryPath(device: Device, request: Request, info: TransportInfo, options: PathOptions) {
  const iceCandidates = info.iceCandidates.filter((candidate) => options.use(candidate));
  if (iceCandidates.length === 0) return { ok: false } as const;
  const settings = {
    ...(info as types.TransportOptions),
    iceCandidates: iceCandidates as types.IceCandidate[],
    iceServers: [...options.iceServers] as RTCIceServer[],
    ...(options.relayOnly ? { iceTransportPolicy: 'relay' as const } : {}),
  };
  const transport = options.isSend ? device.createSendTransport(settings) : device.createRecvTransport(settings);
  const since = performance.now();
  try {
    return await new Promise<PathResult>((resolve) => {
      const timer = setTimeout(() => resolve({ ok: false }), PATH_WITHIN_MS);
      transport.on('connect', ({ dtlsParameters }, done) => {
        request('transport.connect', { transportId: transport.id, dtlsParameters }).catch(() => undefined);
        done();
      });
      transport.on('producedata', (_parameters, done) => done({ id: 'probe' }));
      transport.on('connectionstatechange', (state) => {
        if (state === 'failed') resolve({ ok: false });
        if (state !== 'connected') return;
        clearTimeout(timer);
        const tookMs = Math.round(performance.now() - since);
        void rttOf(transport).then((rttMs) => resolve({ ok: true, tookMs, rttMs }));
      });
      connect(transport, options.isSend).catch(() => resolve({ ok: false }));
    });
  } finally {
    transport.close();
  }
}

/** A data channel that the server knows nothing of: enough for ICE and DTLS. */
function connect(transport: types.Transport, isSend: boolean): Promise<unknown> {
  if (isSend) return transport.produceData({ ordered: false, maxRetransmits: 0, label: 'probe' });
  const sctpStreamParameters = { streamId: 0 };
  return transport.consumeData({ id: 'probe', dataProducerId: 'probe', sctpStreamParameters, label: 'probe' });
}

async function rttOf(transport: types.Transport): Promise<number | null> {
  try {
    const rtt = selectedPair(asReport(await transport.getStats()))?.pair.currentRoundTripTime;
    return rtt === undefined ? null : Math.round(rtt * 1000);
  } catch {
    return null;
  }
}
